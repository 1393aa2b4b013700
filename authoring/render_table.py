"""A long table that scrolls inside itself."""

from __future__ import annotations

from collections.abc import Container, Iterable

from authoring.render_html import Html, element


def long_table(
    headings: Iterable[str],
    rows: Iterable[Html],
    label: str,
    class_: str,
    numbers: Container[int] = (),
) -> Html:
    """A table under its headings; ``label`` says what it is to those who do not see it.

    ``numbers`` are the columns of numbers, whose heads stand over their last digits.
    """
    heads = (
        element("th", heading, scope="col", class_="tl-count" if at in numbers else "")
        for at, heading in enumerate(headings)
    )
    head = element("tr", *heads)
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
