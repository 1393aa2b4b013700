"""Processes beside the one that tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from types import ModuleType

import pytest


@contextmanager
def processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """So many new processes, as long as the block lasts.

    A new process runs the main module again, and a test of a page leaves its script as that.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
        with ProcessPoolExecutor(count, get_context("spawn")) as pool:
            yield pool
