"""分期: in which parts what is granted is paid out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction

from authoring.numerals import NUMERAL, whole
from engine.cells import Place
from engine.findings import Finding
from engine.model import Instalment, PaymentPlan
from engine.notation import IN_EQUAL_PARTS, IN_ONE, PARTED
from engine.phrase_terms import phrase_share

NOTHING = frozenset({"", "—", "-", "无"})
MOST_INSTALMENTS = 60

_IN_ONE = re.compile(rf"{IN_ONE}(?:发放|兑付|兑现|拨付|支付|给予|奖励|补助|付清)?")
_PARTED = re.compile(
    rf"{PARTED}(?P<count>[0-9]+|{NUMERAL}+)(?P<unit>个?月|年度?|季度|半年|[期次批])(?P<rest>.*)"
)
_EQUAL = re.compile(rf"{IN_EQUAL_PARTS}|平均|均等|等比例?|均")
_SAID = re.compile("发放|兑付|兑现|拨付|支付|给予|比例|分别|逐年|每[年期次]|按照?|的|各|以")
_SEPARATORS = re.compile("[、,;]")
_LEADING = ",:"
_RATIO = re.compile(r"[0-9]+(?::[0-9]+)+")
_SHARE = re.compile(r"(?P<label>[^%‰]*?)(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<sign>[%‰])")
_SIGNS = {"%": 100, "‰": 1000}


def read_plan(text: str, at: Place) -> tuple[PaymentPlan | None, tuple[Finding, ...]]:
    """Read 分3年 40%、30%、30%, 分3年等额, 开工 30%、投产 70% or 一次性; — and 无 say nothing."""
    normal = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if normal in NOTHING:
        return None, ()
    if _IN_ONE.fullmatch(normal):
        return PaymentPlan((Instalment(IN_ONE, 1),), at), ()
    parted = _PARTED.fullmatch(normal)
    if parted is None:
        return _milestones(normal, text, at)
    count, unit = whole(parted["count"]) or 0, parted["unit"]
    rest = _SAID.sub("", parted["rest"]).lstrip(_LEADING)
    labels = [f"第{number}{unit}" for number in range(1, count + 1)]
    if not 2 <= count <= MOST_INSTALMENTS:
        return None, (_unreadable(text, at),)
    if _EQUAL.fullmatch(rest):
        return PaymentPlan(tuple(Instalment(label, Fraction(1, count)) for label in labels), at), ()
    if not rest:
        offered = f"{PARTED}{count}{unit}{IN_EQUAL_PARTS}"
        return None, (Finding("W390", at, {"text": text.strip()}, did_you_mean=(offered,)),)
    shares = _shares(rest)
    if shares is None or any(label for label, _ in shares):
        return None, (_unreadable(text, at),)
    if len(shares) != count:
        params = {"count": count, "unit": unit, "given": len(shares)}
        return None, (Finding("W392", at, params),)
    return _summed([(label, share) for label, (_, share) in zip(labels, shares, strict=True)], at)


def _milestones(
    normal: str, text: str, at: Place
) -> tuple[PaymentPlan | None, tuple[Finding, ...]]:
    shares = _shares(normal)
    labels = [label for label, _ in shares or ()]
    if shares is None or not all(labels) or len({*labels}) < len(labels):
        return None, (_unreadable(text, at),)
    return _summed(shares, at)


def _shares(text: str) -> list[tuple[str, Fraction]] | None:
    """What each part of a list says: its label and its share; None where one says something else,
    or nothing is paid."""
    found = [_SHARE.fullmatch(each) for each in _SEPARATORS.split(text)]
    shares = [
        (each["label"].rstrip(":"), Fraction(each["number"]) / _SIGNS[each["sign"]])
        for each in found
        if each is not None
    ]
    return shares if len(shares) == len(found) and all(share for _, share in shares) else None


def _summed(
    shares: Sequence[tuple[str, Fraction]], at: Place
) -> tuple[PaymentPlan | None, tuple[Finding, ...]]:
    total = sum(share for _, share in shares)
    if total != 1:
        shown = "、".join(phrase_share(share) for _, share in shares)
        return None, (Finding("W391", at, {"shares": shown, "total": phrase_share(total)}),)
    return PaymentPlan(tuple(Instalment(label, share) for label, share in shares), at), ()


def _unreadable(text: str, at: Place) -> Finding:
    return Finding("W390", at, {"text": text.strip()}, did_you_mean=_likely(text))


def _likely(text: str) -> tuple[str, ...]:
    """The plan that 40%、30%、30% or 4:3:3 speaks of; whether by years or not is not said."""
    normal = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    ratio = _RATIO.search(normal)
    if ratio:
        parts = [int(each) for each in ratio[0].split(":")]
        shares = [Fraction(each, sum(parts)) for each in parts] if sum(parts) else []
    else:
        shares = [share for label, share in _shares(normal) or () if not label]
    if len(shares) < 2 or sum(shares) != 1 or not all(shares):
        return ()
    unit = "年" if "年" in normal else "期"
    return (f"{PARTED}{len(shares)}{unit} {'、'.join(map(phrase_share, shares))}",)
