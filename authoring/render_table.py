"""A long table that scrolls inside itself."""

from __future__ import annotations

from collections.abc import Iterable

from authoring.render_html import Html, element


def long_table(headings: Iterable[str], rows: Iterable[Html], label: str, class_: str) -> Html:
    """A table under its headings; ``label`` says what it is to those who do not see it."""
    head = element("tr", *(element("th", heading, scope="col") for heading in headings))
    return element(
        "div",
        element(
            "div",
            element("table", element("thead", head), element("tbody", *rows)),
            class_="tl-scroll tl-long",
            tabindex="0",
            role="group",
            aria_label=label,
        ),
        class_=class_,
    )
