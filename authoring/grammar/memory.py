"""What was read is kept for the cells still to come, within bounds that no book can break."""

from __future__ import annotations

from typing import TypeVar

MOST, LONGEST = 5_000, 200
"""How many readings are kept, and of texts of how many characters."""

Key = TypeVar("Key")
Reading = TypeVar("Reading")


def keep(memory: dict[Key, Reading], key: Key, reading: Reading, length: int) -> None:
    """Keep the reading of a text of some length; a full memory begins anew."""
    if length <= LONGEST:
        if len(memory) >= MOST:
            memory.clear()
        memory[key] = reading
