"""``tiaoli text``: what a workbook says, as text that can be compared; made for ``git diff``."""

from __future__ import annotations

from authoring.canonical_text import canonical_text, raw_text
from authoring.commands.answer import Answer, Code
from authoring.commands.loading import read_workbook
from authoring.commands.words import say
from authoring.render_terminal import shown
from authoring.values_json import Json
from engine.findings import Severity
from engine.fingerprint import fingerprint

FORMAT = "tiaoli-text/1"


def answer(book: str) -> Answer:
    """Write a workbook as text; one with errors cell by cell, so that it can be compared too."""
    reading = read_workbook(book)
    understood = reading.understanding
    policy = understood.policy
    if policy is None:
        errors = sum(each.severity is Severity.ERROR for each in understood.findings)
        text, hash_ = raw_text(reading.sheets), None
        aside = shown(say("text.not_understood", count=errors, book=book), "yellow")
    else:
        text = canonical_text(policy, understood.golden_cases, understood.golden_contests)
        hash_, aside = fingerprint(policy), None
    safe = shown(text).plain
    data: Json = {
        "format": FORMAT,
        "understood": policy is not None,
        "fingerprint": hash_,
        "text": safe,
    }
    return Answer(Code.FINE, lambda: data, safe, aside)
