"""A file that a session uploaded, kept while its page is left and come back to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import streamlit as st

from authoring.pages.plain import plain
from authoring.pages.uploads import take_upload
from authoring.pages.words import say
from authoring.pages.work import drop_work


@dataclass(frozen=True, slots=True)
class Kept:
    """A file and its content; ``version`` is the SHA-256 of it."""

    name: str
    content: bytes
    version: str


def ask_file(key: str, label: str, types: Sequence[str], megabytes: int, work: str) -> Kept | None:
    """Ask for a file, or show the one that is there with a way to take it back.

    ``work`` is the key of the work that is done with it, which goes with it.
    """
    kept = cast("Kept | None", st.session_state.get(key))
    if kept is None:
        st.file_uploader(
            label,
            type=list(types),
            key=f"{key}-widget",
            max_upload_size=megabytes,
            on_change=_keep,
            args=(key,),
        )
        return None
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"kept-{key}"):
        st.markdown(say("file.kept", name=plain(kept.name)), width="stretch")
        st.button(
            say("file.drop"),
            key=f"{key}-drop",
            icon=":material/close:",
            on_click=_drop,
            args=(key, work),
        )
    return kept


def _keep(key: str) -> None:
    if (taken := take_upload(f"{key}-widget")) is not None:
        name, content = taken
        st.session_state[key] = Kept(name, content, hashlib.sha256(content).hexdigest())


def _drop(key: str, work: str) -> None:
    st.session_state.pop(key, None)
    drop_work(work)
