"""The web front end: navigation only. The pages themselves are in `authoring.pages`."""

import streamlit as st

from authoring.pages import simulate
from authoring.pages.words import say

st.set_page_config(page_title=say("app.name"), layout="wide")
st.navigation(
    {
        say("app.simulate"): [
            st.Page(simulate.show, title=say("simulate.title"), url_path="simulate", default=True),
        ],
    }
).run()
