"""An answer on the page: figures, what is missing, a filter, and the cards."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from authoring.pages import state
from authoring.pages.form import widget_key
from authoring.pages.plain import plain
from authoring.pages.words import say
from authoring.render_html import (
    Html,
    count_shelves,
    element,
    join,
    render_cards,
    render_figures,
    render_groups,
    render_heading,
    render_missing,
)
from authoring.shelves import shelf_of
from engine.narrative import MissingLine, Narrative
from engine.words import word

ALL = "all"
FIRST_MISSING = 8
"""How many missing facts are shown at once, those that money hangs on; the rest is folded away."""


def show_results(
    answer: state.Answer, between: Callable[[], None] = lambda: None, document: str = ""
) -> None:
    """Draw an answer; ``between`` draws what stands between the figures and the cards,
    ``document`` is the official number of the policy."""
    narrative = answer.narrative
    st.html(answer.drawn("top", lambda: join(_top(narrative, document))))
    if narrative.missing:
        _show_missing(narrative.missing)
    _show_near(narrative)
    between()
    shelf = _choose_shelf(narrative)
    st.html(answer.drawn(f"cards-{shelf}", lambda: render_cards(narrative, shelf)))


def _top(narrative: Narrative, document: str) -> tuple[Html, ...]:
    below = (render_figures, render_groups, render_missing)
    return (render_heading(narrative, document), *(part(narrative) for part in below))


def _choose_shelf(narrative: Narrative) -> str | None:
    counts = {shelf: count for shelf, count in count_shelves(narrative).items() if count}
    if st.session_state.get(state.SHELF) not in counts:
        st.session_state[state.SHELF] = ALL

    def name(shelf: str) -> str:
        count = counts.get(shelf, len(narrative.measures))
        return say("result.option", name=say(f"shelf.{shelf}"), count=count)

    with st.container(key="filter"):
        shelf = st.segmented_control(
            say("result.filter"),
            [ALL, *counts],
            format_func=name,
            key=state.SHELF,
            label_visibility="collapsed",
            required=True,
        )
    return None if shelf == ALL else shelf


def _show_missing(lines: tuple[MissingLine, ...]) -> None:
    """再补充…可继续判定: the missing facts, those first on which most money hangs."""
    measures = {measure for line in lines for measure in line.measures}
    title = say("missing.title", count=len(lines), measures=len(measures))
    shown = min(sum(map(_has_stake, lines)), FIRST_MISSING) or FIRST_MISSING
    first, rest = lines[:shown], lines[shown:]
    with st.container(key="missing"):
        st.html(element("div", element("strong", title), class_="tl"))
        _buttons(first, "missing-first")
        if rest:
            with st.expander(say("missing.more", count=len(rest))):
                _buttons(rest, "missing-rest")


def _show_near(narrative: Narrative) -> None:
    """差一点: the facts that would have to be another, by the measure that they would bring."""
    near = [each for each in narrative.measures if shelf_of(each) == "near" and each.repair_fields]
    if not near:
        return
    with st.container(key="near"):
        title = say("near.title", count=len(near))
        st.html(element("div", element("strong", title), class_="tl"))
        with st.container(horizontal=True, gap="small", key="near-fields"):
            for measure in near:
                for name in measure.repair_fields:
                    widget = widget_key(name)
                    st.button(
                        say("near.button", field=plain(name), measure=plain(measure.name)),
                        key=f"mend-{measure.id}-{widget}",
                        help="\n\n".join(map(plain, measure.repair)),
                        on_click=state.lead_to,
                        args=(widget,),
                    )


def _buttons(lines: tuple[MissingLine, ...], key: str) -> None:
    with st.container(horizontal=True, gap="small", key=key):
        for line in lines:
            widget = widget_key(line.field)
            label = plain(line.field)
            if _has_stake(line):
                label = say("missing.button", field=label, stake=plain(line.stake))
            st.button(
                label,
                key=f"supply-{widget}",
                help=say("missing.help", count=len(line.measures)),
                on_click=state.lead_to,
                args=(widget,),
            )


def _has_stake(line: MissingLine) -> bool:
    return line.stake != word("missing.nothing")
