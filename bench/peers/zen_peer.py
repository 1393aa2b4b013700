"""Runs in the peers' environment: a decision graph and cases in, rules fired and seconds out.

One JSON object a line on standard input, one a line on standard output: first the graph and the
cases, answered by the rules that fired in each case; then, for each line ``{"trace": bool}``, the
seconds of each case in one round.
"""

import json
import sys
from time import perf_counter

import zen


def fired(result):
    """Collect the names of the rules in a result, wherever they stand."""
    found = set()
    for key, value in result.items():
        if key.startswith("m"):
            found.update(row["rule"] for row in (value if isinstance(value, list) else [value]))
        elif key.startswith("d") and key.endswith("rule"):
            found.add(value)
        elif key.startswith("d"):
            found.update(row["rule"] for row in value)
    return sorted(found - {""})


def main():
    """Answer line by line."""
    task = json.loads(sys.stdin.readline())
    started = perf_counter()
    decision = zen.ZenEngine().create_decision(task["graph"])
    compiled = perf_counter() - started
    cases = task["cases"]
    answers = [fired(decision.evaluate(case)["result"] or {}) for case in cases]
    print(json.dumps({"compile": compiled, "fired": answers}), flush=True)
    for line in sys.stdin:
        options = json.loads(line)
        seconds = []
        for case in cases:
            started = perf_counter()
            decision.evaluate(case, options)
            seconds.append(perf_counter() - started)
        print(json.dumps(seconds), flush=True)


main()
