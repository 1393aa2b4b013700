"""Another engine, in a process of the peers' environment (``requirements/bench.txt``)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-bench" / "bin" / "python"


class Peer:
    """A peer that has taken its rules and cases; ``fired`` are its answers, in their order.

    Raises:
        RuntimeError: it refused them; its own words stand on standard error.
    """

    def __init__(self, script: str, task: dict[str, object]) -> None:
        self._process = subprocess.Popen(
            [PYTHON, ROOT / "bench" / "peers" / script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.fired: list[list[str]] = self._ask(task)["fired"]

    def seconds(self, options: dict[str, object]) -> list[float]:
        """Let it answer all cases once more: the seconds of each, by its own clock."""
        seconds: list[float] = self._ask(options)
        return seconds

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _ask(self, message: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the peer ended with code {self._process.wait()}")
        return json.loads(line)
