"""Runs in the peers' environment: a decision graph and cases in, rules fired and seconds out.

One JSON object a line on standard input, one a line on standard output: first the graph and the
cases, answered by the rules that fired in each case; then, for each line ``{"trace": bool}``, the
seconds of each case in one round.
"""

import json
import sys
from time import perf_counter

import zen


def fired(answer):
    """Collect the names of the rules that fired, from the outputs of the nodes in the trace."""
    found = set()
    for node, step in answer["trace"].items():
        output = step["output"] or {}
        if node.startswith("m"):
            rows = output[node]
            found.update(row["rule"] for row in (rows if isinstance(rows, list) else [rows]) if row)
        elif f"{node}rule" in output:
            found.add(output[f"{node}rule"])
        elif node.startswith("d") and isinstance(output.get(node), list):
            found.update(row["rule"] for row in output[node])
    return sorted(found - {""})


def main():
    """Answer line by line."""
    task = json.loads(sys.stdin.readline())
    started = perf_counter()
    decision = zen.ZenEngine().create_decision(task["graph"])
    compiled = perf_counter() - started
    cases = task["cases"]
    answers = [fired(decision.evaluate(case, {"trace": True})) for case in cases]
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
