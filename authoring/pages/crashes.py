"""A crash: what happened goes to the log under a number, and only the number onto the page."""

from __future__ import annotations

import logging
import secrets

import streamlit as st

from authoring.pages.words import say

LOG = logging.getLogger("tiaoli")


def log_crash(error: BaseException) -> str:
    """Write what happened to the log; give the number under which it stands there."""
    number = secrets.token_hex(3).upper()
    LOG.error("page crashed, number %s", number, exc_info=error)
    return number


def show_crash(number: str) -> None:
    """Say that something went wrong through a fault of ours."""
    st.error(say("crash.message", number=number), icon=":material/error:")
