"""Whether somebody sees the pages of a session; Streamlit keeps it a while after the browser went.

What a session uses only as long as it is seen is held here.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic
from typing import cast

import streamlit as st

_VISIT = "visit"


@dataclass(slots=True, eq=False)
class Visit:
    """A session as far as its browser is there; ``held`` is given back as soon as it is not."""

    held: OrderedDict[str, object] = field(default_factory=OrderedDict)
    _left: float | None = None

    @property
    def is_absent(self) -> bool:
        """Whether the browser is gone, or the connection to it."""
        return self._left is not None

    def absent_for(self) -> float:
        """For how many seconds."""
        left = self._left
        return 0.0 if left is None else monotonic() - left

    def hold(self, key: str, what: object, most: int) -> None:
        """Hold something as long as the browser is there; of so many the last."""
        if self.is_absent:
            return
        self.held[key] = what
        self.held.move_to_end(key)
        while len(self.held) > most:
            self.held.popitem(last=False)

    def arrive(self) -> None:
        """The browser is there, perhaps again."""
        self._left = None

    def leave(self) -> None:
        """The browser is gone."""
        self._left = monotonic()
        self.held.clear()


def this_visit() -> Visit:
    """That of this session."""
    if _VISIT not in st.session_state:
        st.session_state[_VISIT] = Visit()
    return cast(Visit, st.session_state[_VISIT])


@st.cache_resource(scope="session", on_release=Visit.leave, show_spinner=False)
def arrive() -> Visit:
    """Remember that the browser is there, until Streamlit lets go of what this has returned."""
    visit = this_visit()
    visit.arrive()
    return visit
