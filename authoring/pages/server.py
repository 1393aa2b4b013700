"""The server of the pages: what it does once when it starts, and the headers of all its answers."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGES = Path(__file__).with_name("navigation.py")

_CONTENT = {
    "default-src": "'self'",
    # Streamlit runs the few scripts of a page inline, and draws the picture of the rules in wasm.
    "script-src": "'self' 'unsafe-inline' 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in _CONTENT.items()),
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}


class SecurityHeaders:
    """Sets the headers of every answer: nothing from elsewhere, no page of ours inside another."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)


MIDDLEWARE = (Middleware(SecurityHeaders),)


@asynccontextmanager
async def start(_app: st.App) -> AsyncIterator[None]:
    """Take what stays for good out of the collector's way: it looks through it no more."""
    import_module("authoring.pages.navigation")  # not before: it needs a server that runs
    gc.collect()
    gc.freeze()
    yield


def tell_crash(error: Exception) -> bool:
    """Show the number of a crash that no page caught, as of what a click calls."""
    from authoring.pages.crashes import log_crash, show_crash

    show_crash(log_crash(error))
    return True
