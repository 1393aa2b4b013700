"""The locks hold: complete, free of addresses, and refused when an artefact differs."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements"
LOCKS = ["bench.txt", "build.txt", "dev.txt", "runtime.txt", "uv.txt"]
HASH = re.compile(r"(?<=--hash=sha256:)[0-9a-f]{64}")
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[^ ;\\]+)", re.MULTILINE)
UNREACHABLE = (
    "No matching distribution",
    "Connection",
    "Max retries",
    "timed out",
    "name resolution",
)


def pins(lock: str) -> dict[str, set[str]]:
    """Return the versions that a lock pins for each name: markers may choose among several."""
    found: dict[str, set[str]] = {}
    for pin in PIN.finditer((REQUIREMENTS / lock).read_text()):
        found.setdefault(pin["name"], set()).add(pin["version"])
    return found


def names(requirements: list[str]) -> set[str]:
    """Return the normalised names of requirements: `pandera` for `pandera[pandas]>=0.35`."""
    parts = (
        re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0] for requirement in requirements
    )
    return {re.sub(r"[-_.]+", "-", part).lower() for part in parts}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_address(lock: str) -> None:
    text = (REQUIREMENTS / lock).read_text()
    blocks = re.split(r"\n(?=[a-z])", text.strip())
    assert [block for block in blocks if not (PIN.match(block) and HASH.search(block))] == []
    assert "://" not in text
    assert re.findall(r"^--(?!hash)", text, re.MULTILINE) == []


def test_the_locks_cover_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime, dev = pins("runtime.txt"), pins("dev.txt")
    assert names(project["project"]["dependencies"]) <= runtime.keys()
    assert names(project["dependency-groups"]["dev"]) <= dev.keys()
    assert names(project["build-system"]["requires"]) <= pins("build.txt").keys()


def test_what_is_tested_is_what_is_run() -> None:
    dev = pins("dev.txt")
    assert {name: dev.get(name) for name in pins("runtime.txt")} == pins("runtime.txt")


@pytest.mark.index
def test_a_tampered_hash_is_refused(tmp_path: Path) -> None:
    block = next(
        block
        for block in re.split(r"\n(?=[a-z])", (REQUIREMENTS / "build.txt").read_text())
        if block.startswith("wheel==")
    )

    def install(text: str) -> subprocess.CompletedProcess[str]:
        lock = tmp_path / "lock.txt"
        lock.write_text(text)
        pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps"]
        return subprocess.run(
            [*pip, "--ignore-installed", "--require-hashes", "-r", str(lock)],
            capture_output=True,
            text=True,
            check=False,
        )

    intact = install(block)
    if intact.returncode and any(sign in intact.stderr for sign in UNREACHABLE):
        pytest.skip(
            "NO PACKAGE INDEX IS REACHABLE: that pip refuses a tampered hash went unchecked"
        )
    assert intact.returncode == 0, intact.stderr

    tampered = install(HASH.sub(lambda digest: digest[0][::-1], block))
    assert tampered.returncode != 0
    assert "DO NOT MATCH THE HASHES" in tampered.stderr


def choose(tmp_path: Path, *candidates: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Let the script choose among candidates, for an environment that must not come to be."""
    return subprocess.run(
        [str(REQUIREMENTS / "new-environment.sh"), str(tmp_path / "environment"), *candidates],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8"} | variables,
    )


def test_no_interpreter_is_told_in_both_languages(tmp_path: Path) -> None:
    false = shutil.which("false") or "false"
    result = choose(tmp_path, false, str(tmp_path / "nowhere"))
    assert result.returncode == 1
    assert "No suitable Python" in result.stderr
    assert "没有找到可用的 Python" in result.stderr
    assert result.stderr.count("does not run") == 2
    assert not (tmp_path / "environment").exists()


def test_a_missing_compiler_is_named(tmp_path: Path) -> None:
    result = choose(tmp_path, sys.executable, CC=str(tmp_path / "cc"))
    assert result.returncode == 1
    assert f"no C compiler: {tmp_path / 'cc'}" in result.stderr
    assert "缺少 C 编译器" in result.stderr
