"""The navigation: Streamlit runs this file for each click, and it shows the page that is wanted."""

from __future__ import annotations

from importlib.resources import files

import streamlit as st

from authoring.pages import check, compare, portfolio, simulate
from authoring.pages.words import say

ICON = str(files("authoring").joinpath("pages", "icon.svg"))


def show() -> None:
    """Show the page that is wanted."""
    # Without a picture of our own the browser would be sent elsewhere for the icon of each page.
    st.set_page_config(page_title=say("app.name"), page_icon=ICON, layout="wide")
    st.navigation(
        {
            say("app.simulate"): [
                st.Page(
                    simulate.show,
                    title=say("simulate.title"),
                    icon=":material/calculate:",
                    url_path="simulate",
                    default=True,
                ),
                st.Page(
                    portfolio.show,
                    title=say("portfolio.title"),
                    icon=":material/table_view:",
                    url_path="portfolio",
                ),
            ],
            say("app.manage"): [
                check.page(),
                st.Page(
                    compare.show,
                    title=say("compare.title"),
                    icon=":material/difference:",
                    url_path="compare",
                ),
            ],
        }
    ).run()


if __name__ == "__main__":
    show()
