"""The colours that the styles name: text stands out from what it stands on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLES = sorted((Path(__file__).parent.parent / "authoring" / "pages").glob("*.css"))
LEAST = 4.5
"""WCAG AA for text of ordinary size."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NAMED = re.compile(r"(--[\w-]+)\s*:\s*(#[0-9a-fA-F]{3,6})\b")
_COLOUR = r"(#[0-9a-fA-F]{3,6}\b|var\(--[\w-]+\))"
_TEXT = re.compile(rf"(?<![-\w])color\s*:\s*{_COLOUR}")
_GROUND = re.compile(rf"(?<![-\w])background(?:-color)?\s*:\s*{_COLOUR}")


def channels(colour: str) -> list[float]:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(each * 2 for each in digits)
    return [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]


def light(colour: str) -> float:
    parts = [
        each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4
        for each in channels(colour)
    ]
    return sum(part * weight for part, weight in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def rules(text: str) -> list[tuple[str, str]]:
    return [(name.strip(), body) for name, body in _RULE.findall(_COMMENT.sub("", text))]


def meant(colour: str, names: dict[str, str]) -> str | None:
    if colour.startswith("#"):
        return colour
    return names.get(colour[4:-1])


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_text_can_be_read(path: Path) -> None:
    names = dict(_NAMED.findall("".join(each.read_text(encoding="utf-8") for each in STYLES)))
    told = 0
    for name, body in rules(path.read_text(encoding="utf-8")):
        text, ground = _TEXT.search(body), _GROUND.search(body)
        colour = meant(text[1], names) if text else None
        if colour is None:
            continue
        under = (meant(ground[1], names) if ground else None) or "#ffffff"
        assert contrast(colour, under) >= LEAST, f"{name}: {colour} on {under}"
        told += 1
    assert told, "a style without colours needs no test"


def test_each_verdict_has_a_colour_that_can_be_read_on_what_cards_stand_on() -> None:
    text = (STYLES[0].parent / "results.css").read_text(encoding="utf-8")
    names = dict(_NAMED.findall(text))
    used = set(re.findall(r"--c: var\((--\w+)\)", text))
    assert len(used) >= 5
    for name in used:
        for ground in ("#ffffff", names["--soft"]):
            assert contrast(names[name], ground) >= LEAST, name
