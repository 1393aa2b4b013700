"""Writing a file whole or not at all: an existing one stays until the new one is complete."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path


def write_whole(target: Path, content: bytes) -> None:
    """Write a file in one step, with the rights of the one that it replaces.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    final = target.resolve()
    draft = final.with_name(f".{secrets.token_hex(4)}-{final.name}")
    try:
        with draft.open("xb") as stream:
            stream.write(content)
        if final.exists():
            shutil.copymode(final, draft)
        os.replace(draft, final)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
