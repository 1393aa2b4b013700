"""Which way a change of the places (名额) of a contest goes, where that can be proved.

Places go to the best candidates who won no earlier tier. With more of them whoever was in stays in,
in the same tier or an earlier one: of the best so many, those who are left stay among the best so
many when others go. Two things break this. What the winners of all tiers together must fulfil
(合计) moves winners from tier to tier. And what the winners of a later tier must fulfil (逐档) may
leave a place there empty, once someone who fulfils it has moved up.
"""

from __future__ import annotations

from engine.model import Quota, Selection
from engine.tightness import Shift
from engine.values import Number, RoundingMode

PLACES, ROUNDING = "名额", "取整"
_MORE = (RoundingMode.DOWN, RoundingMode.HALF_UP, RoundingMode.UP)


def shift_of_contest(before: Selection, after: Selection, tier: str, heading: str) -> Shift | None:
    """Which way a cell of a tier goes that both versions have; None: that depends on the case."""
    quotas = _quota(before, tier), _quota(after, tier)
    if quotas[0] is None or quotas[1] is None:
        return None
    more = _more(quotas[0], quotas[1], heading)
    if not more or not all(_keeps_winners(each, tier) for each in (before, after)):
        return None
    return Shift.LOOSER if more > 0 else Shift.TIGHTER


def _quota(selection: Selection, tier: str) -> Quota | None:
    return next((each.quota for each in selection.tiers if each.name == tier), None)


def _more(before: Quota, after: Quota, heading: str) -> int:
    """Whether this cell alone makes more places (1), or fewer (-1); 0: it cannot be told."""
    if before.places is not None and after.places is not None:
        return _sign(after.places - before.places) if heading == PLACES else 0
    if before.share is None or after.share is None or before.base != after.base:
        return 0
    if heading == PLACES:
        return _sign(after.share - before.share)
    if heading == ROUNDING:
        return _sign(_MORE.index(after.rounding.mode) - _MORE.index(before.rounding.mode))
    return 0


def _sign(difference: Number) -> int:
    return (difference > 0) - (difference < 0)


def _keeps_winners(selection: Selection, tier: str) -> bool:
    """Whether more places in a tier leave everybody in who was in."""
    names = [each.name for each in selection.tiers]
    later = selection.tiers[names.index(tier) + 1 :]
    together = selection.constraint is not None and len(names) > 1
    return not together and all(each.constraint is None for each in later)
