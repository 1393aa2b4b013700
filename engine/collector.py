"""Python's collector of garbage, out of the way while a book is read and a program is made.

That makes hundreds of thousands of objects that stay. The collector, which only looks for what
hangs together in circles, would go through all of them again and again as they become more.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let nothing be collected inside, unless it was so outside already."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
