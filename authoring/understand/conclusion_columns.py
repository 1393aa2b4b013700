"""The conclusion columns of a measure table, by their documented headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from authoring.understand.table_layout import TableColumn


@dataclass(frozen=True, slots=True)
class Columns:
    """The conclusion columns of a measure table by documented heading, with their units."""

    known: Mapping[str, tuple[TableColumn, str]]

    def key(self, name: str) -> str:
        """The key of a column's entries; of an absent column, one that no row has."""
        return self.known[name][0].key if name in self.known else f"\x00{name}"

    def unit(self, name: str) -> str:
        """The unit that a column's heading gives."""
        return self.known[name][1] if name in self.known else ""
