"""The web front end, as `streamlit run` and any ASGI server find it; pages: `authoring.pages`."""

import streamlit as st

from authoring.pages.server import MIDDLEWARE, PAGES, start, tell_crash

app = st.App(PAGES, middleware=MIDDLEWARE, lifespan=start, on_script_error=tell_crash)
