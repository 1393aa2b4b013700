"""Runs in the peers' environment: a workbook and cases in, rules fired and seconds out.

The same exchange as ``zen_peer.py``: one JSON object a line.
"""

import json
import sys
from time import perf_counter

import pyDMNrules


def fired(answer):
    """Collect the names of the rules that were executed, but for those that stand for none."""
    found = set()
    for step in answer if isinstance(answer, list) else [answer]:
        executed = step["Executed Rule"]
        for rule in executed if isinstance(executed, list) else [executed]:
            found.add(rule[2])
    return sorted(found - {"none"})


def decided(rules, case):
    """Make one decision; an error of the library is an error."""
    status, answer = rules.decide(case)
    if "errors" in status:
        raise SystemExit("\n".join(map(str, status["errors"])))
    return answer


def main():
    """Answer line by line."""
    task = json.loads(sys.stdin.readline())
    rules = pyDMNrules.DMN()
    started = perf_counter()
    status = rules.load(task["path"])
    compiled = perf_counter() - started
    if "errors" in status:
        raise SystemExit("\n".join(map(str, status["errors"])))
    cases = task["cases"]
    answers = [fired(decided(rules, case)) for case in cases]
    print(json.dumps({"compile": compiled, "fired": answers}), flush=True)
    for _ in sys.stdin:
        seconds = []
        for case in cases:
            started = perf_counter()
            rules.decide(case)
            seconds.append(perf_counter() - started)
        print(json.dumps(seconds), flush=True)


main()
