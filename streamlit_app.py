"""The web front end: navigation only. The pages themselves are in `authoring.pages`."""

import streamlit as st


def welcome() -> None:
    """Stand in for the pages until the first one is written."""
    st.title("条理")
    st.write("公共政策规则引擎")


st.set_page_config(page_title="条理", layout="wide")
st.navigation([st.Page(welcome, title="条理", default=True)]).run()
