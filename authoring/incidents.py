"""What goes wrong through a fault of ours: a number for the user, the details in a log file."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import traceback
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from authoring.messages import text


@dataclass(frozen=True, slots=True)
class Incident:
    """A number that a user can read out, and the file that holds the details (None: none could)."""

    number: str
    log: Path | None

    def __str__(self) -> str:
        if self.log is None:
            return text("incidents.unlogged", number=self.number)
        return text("incidents.logged", number=self.number, log=self.log)


def record_incident(error: BaseException, doing: str) -> Incident:
    """Write an unexpected error to the log; ``doing`` says what was being done. Never raises."""
    number = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
    details = "".join(traceback.format_exception(error))
    moment = datetime.now().astimezone().isoformat(timespec="seconds")
    entry = f"== {number} {moment} {doing}\n{details}\n"
    for log in (log_path(), Path(tempfile.gettempdir()) / "tiaoli-errors.log"):
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(entry)
        except OSError:
            continue
        return Incident(number, log)
    return Incident(number, None)


def log_path() -> Path:
    """Where errors are logged: ``TIAOLI_LOG``, or where the system keeps such files."""
    chosen = os.environ.get("TIAOLI_LOG")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or tempfile.gettempdir()
    else:
        base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(base) / "tiaoli" / "errors.log"
