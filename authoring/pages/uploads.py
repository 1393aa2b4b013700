"""What was uploaded, taken over from Streamlit: it would keep each file as long as the session."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx


def take_upload(key: str) -> tuple[str, bytes] | None:
    """Name and content of the file in an uploader, which holds it no more. Only in a callback."""
    file = st.session_state.get(key)
    if file is None:
        return None
    content = bytes(file.getvalue())
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
    return str(file.name), content
