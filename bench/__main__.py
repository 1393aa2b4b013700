"""``make bench``: every measurement as tables, of one run on one machine; read the ratios.

``python -m bench sessions`` measures the pages alone; they need no other engines beside them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from authoring.understand import read_book
from bench.answers import measure_answers
from bench.books import measure_books
from bench.checks import measure_checks, measure_large_tables
from bench.complete import complete_cases
from bench.generated import generated_policy, sizes
from bench.growth import measure_growth
from bench.memory import measure_memory
from bench.sessions import measure_sessions
from engine.model import Policy

WUXI = Path("policies/wuxi-2023/policy.xlsx")


def main() -> None:
    """Measure everything, the slow parts last; or the pages alone."""
    if sys.argv[1:] == ["sessions"]:
        measure_sessions()
        return
    policy = read_book(WUXI).policy
    assert policy is not None
    for name, each in (("wuxi-2023", policy), ("generated", generated_policy())):
        print(f"\n# {name}: {described(each)}\n")
        measure_answers(each, complete_cases(each, 200))
    print("\n# Compiling workbooks, findings included, beside openpyxl reading the same file\n")
    measure_books(WUXI)
    print("\n# Checking workbooks, beside openpyxl reading and writing the same file\n")
    measure_checks(WUXI)
    print("\n# Checking one large table, all checks of whole tables together\n")
    measure_large_tables()
    print("\n# Ten times the rules\n")
    measure_growth()
    print("\n# Memory\n")
    measure_memory(policy, complete_cases(policy, 500))
    print("\n# The pages under many sessions\n")
    measure_sessions()


def described(policy: Policy) -> str:
    """How large a policy is."""
    return ", ".join(f"{count} {what}" for what, count in sizes(policy))


if __name__ == "__main__":
    main()
