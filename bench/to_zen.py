"""Policy -> decision graph of zen-engine (JDM): one decision table node for each table.

Not expressible, and so left to us alone: unknown (cases are complete), amounts with ceilings and
caps, same-kind groups, exceptions (例外于), conflicts of a 唯一 table, dates of rules and codes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from bench.spelling import Inexpressible, Names, in_order, plain, with_descendants
from engine.dependencies import levels, table_graph
from engine.expressions import (
    AllOf,
    AnyOf,
    Anything,
    Arithmetic,
    AtLeast,
    Brackets,
    Call,
    Comparator,
    Compare,
    Comparison,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
    Function,
    HasAll,
    InCodeList,
    Inverse,
    Literal,
    Negate,
    Not,
    OneOf,
    Present,
    Satisfies,
    UnaryTest,
    Within,
)
from engine.model import DecisionTable, HitPolicy, Policy, Rule
from engine.types import MultiChoiceType

Json: TypeAlias = dict[str, object]

SIGNS = {Comparator.EQUAL: "==", Comparator.NOT_EQUAL: "!="}
"""Where ZEN spells a comparison differently."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A decision graph as JSON, and the rules that it holds."""

    text: str
    rules: frozenset[str]


def to_zen(policy: Policy, names: Names) -> Graph:
    """Translate what can be translated; measure tables run beside each other after all facts."""
    writer = _Writer(policy, names)
    ordered = in_order(policy, levels(table_graph(policy)))
    last = "input"
    for number, table in enumerate(each for each in ordered if each.outputs):
        last = writer.derivation(table, f"d{number}", last)
    for number, table in enumerate(each for each in ordered if not each.outputs):
        writer.grants(table, f"m{number}", last)
    text = json.dumps({"nodes": writer.nodes, "edges": writer.edges})
    return Graph(text, frozenset(writer.rules))


class _Writer:
    def __init__(self, policy: Policy, names: Names) -> None:
        self.names = names
        self.sets = {f.name for f in policy.fields if isinstance(f.type, MultiChoiceType)}
        self.ranks = {
            each.name: {code.value: code.rank or at for at, code in enumerate(each.codes)}
            for each in policy.code_lists
        }
        self.nodes: list[Json] = [_node("input", "inputNode"), _node("output", "outputNode")]
        self.edges: list[Json] = []
        self.rules: list[str] = []

    # --- nodes ---

    def derivation(self, table: DecisionTable, node: str, after: str) -> str:
        """Add a table that derives fields; return the node after which they are there."""
        outputs = [self.names.fields[each.field] for each in table.outputs]
        folded = _FOLDS.get(table.hit_policy)
        rules = list(table.rules)
        if table.hit_policy is HitPolicy.PRIORITY:
            rules.sort(key=lambda rule: self._rank(table, rule))
        rows: list[tuple[Rule, dict[str, str]]] = []
        for rule in rules:
            values = [self._conclusion(each) for each in rule.conclusions]
            rows.append((rule, {"rule": _text(rule.id), **dict(zip(outputs, values, strict=True))}))
        defaults = [each.default for each in table.outputs]
        otherwise = None
        if folded is None and all(each is not None for each in defaults):
            values = [self._conclusion(each) for each in defaults if each is not None]
            otherwise = {"rule": _text(""), **dict(zip(outputs, values, strict=True))}
        keys = ["rule", *outputs]
        content = self._content(table, rows, keys, otherwise, collect=folded is not None)
        if folded is None:
            # The rule's own name must survive the next table.
            content["outputs"] = [
                {"id": key, "name": key, "field": f"{node}rule" if key == "rule" else key}
                for key in keys
            ]
            self._add(node, "decisionTableNode", {**content, "passThrough": True}, after)
            return node
        self._add(
            node, "decisionTableNode", {**content, "passThrough": True, "outputPath": node}, after
        )
        folding = [
            {"id": key, "key": key, "value": folded.format(f"map({node}, #.{key})")}
            for key in outputs
        ]
        content = {"expressions": folding, "passThrough": True}
        self._add(f"{node}x", "expressionNode", content, node)
        return f"{node}x"

    def grants(self, table: DecisionTable, node: str, after: str) -> None:
        """Add a measure table, whose result stands under the node's name."""
        rows = [(rule, {"rule": _text(rule.id)}) for rule in table.rules]
        collect = table.hit_policy is not HitPolicy.FIRST
        content = self._content(table, rows, ["rule"], None, collect=collect)
        self._add(node, "decisionTableNode", {**content, "outputPath": node}, after)
        self.edges.append({"id": f"{node}o", "sourceId": node, "targetId": "output"})

    def _add(self, node: str, kind: str, content: Json, after: str) -> None:
        self.nodes.append({**_node(node, kind), "content": content})
        self.edges.append({"id": f"{after}{node}", "sourceId": after, "targetId": node})

    def _content(
        self,
        table: DecisionTable,
        rows: Sequence[tuple[Rule, dict[str, str]]],
        outputs: Sequence[str],
        otherwise: dict[str, str] | None,
        *,
        collect: bool,
    ) -> Json:
        """A table: a column for each field that is tested, and one for whole conditions."""
        columns: dict[str, Json] = {}
        lines: list[Json] = []
        for rule, results in rows:
            if any(each.overrides for each in table.rules):
                break
            try:
                cells = self._cells(rule)
            except Inexpressible:
                continue
            for key in cells:
                field = key.split("_")[0]
                columns[key] = {"id": key, "name": key}
                if field != "x":
                    columns[key]["field"] = field
            lines.append({"_id": rule.id, **cells, **results})
            self.rules.append(rule.id)
        if otherwise is not None:
            lines.append({"_id": "default", **otherwise})
        return {
            "hitPolicy": "collect" if collect else "first",
            "inputs": list(columns.values()),
            "outputs": [{"id": key, "name": key, "field": key} for key in outputs],
            "rules": [
                {key: line.get(key, "") for key in ("_id", *columns, *outputs)} for line in lines
            ],
        }

    def _cells(self, rule: Rule) -> dict[str, str]:
        """The condition cells of a row by column: ``f3``, a second one ``f3_2``, or ``x_1``."""
        cells: dict[str, str] = {}
        for condition in rule.conditions:
            node = condition.expression
            if isinstance(node, Satisfies) and _is_simple(node.test):
                column, cell = self.names.fields[node.field], self._test("$", node)
            else:
                column, cell = "x_1", self.expression(node)
            while column in cells:
                stem, _, count = column.partition("_")
                column = f"{stem}_{int(count or 1) + 1}"
            cells[column] = cell
        return cells

    def _rank(self, table: DecisionTable, rule: Rule) -> int:
        first = rule.conclusions[0]
        if not isinstance(first, Literal):
            raise Inexpressible("a computed priority")
        return self.ranks[self.names.list_of[table.outputs[0].field]][str(first.value)]

    def _conclusion(self, node: Expression) -> str:
        return self.expression(node)

    # --- expressions ---

    def expression(self, node: Expression) -> str:
        """Spell an expression or a whole condition."""
        match node:
            case Literal(value=value):
                return json.dumps(plain(value, self.names))
            case FieldRef(field=field):
                return self.names.fields[field]
            case Arithmetic(operator=sign, left=left, right=right):
                return f"({self.expression(left)} {sign.value} {self.expression(right)})"
            case Negate(operand=operand):
                return f"(-{self.expression(operand)})"
            case Call(function=Function.MAX | Function.MIN as function, arguments=arguments):
                return f"{function.value}([{', '.join(map(self.expression, arguments))}])"
            case Call(function=Function.CONVERT, arguments=(amount, rate)):
                return f"({self.expression(amount)} * {self.expression(rate)})"
            case Call(function=Function.EVERY_FULL, arguments=(amount, step)):
                return f"floor({self.expression(amount)} / {self.expression(step)})"
            case Call() | Brackets():
                raise Inexpressible(type(node).__name__)
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                parts = map(self.expression, (condition, then, otherwise))
                return "({} ? {} : {})".format(*parts)
            case Satisfies(field=field):
                return self._test(self.names.fields[field], node)
            case Comparison(comparator=comparator, left=left, right=right):
                compared = SIGNS.get(comparator, comparator.value)
                return f"({self.expression(left)} {compared} {self.expression(right)})"
            case Conjunction(operands=parts):
                return f"({' and '.join(map(self.expression, parts))})"
            case Disjunction(operands=parts):
                return f"({' or '.join(map(self.expression, parts))})"
            case Inverse(operand=operand):
                return f"(not {self.expression(operand)})"
            case AtLeast(count=count, conditions=parts):
                return f"(len(filter([{', '.join(map(self.expression, parts))}], #)) >= {count})"
            case _:
                assert_never(node)

    def _test(self, subject: str, node: Satisfies) -> str:
        return self._unary(subject, node.field, node.test)

    def _unary(self, subject: str, field: str, test: UnaryTest) -> str:
        match test:
            case Anything():
                return "true"
            case OneOf(values=(bool() as only,)):
                return f"({subject} == {json.dumps(only)})"
            case OneOf(values=values):
                return self._among(subject, field, with_descendants(field, values, self.names))
            case HasAll(values=values):
                each = (with_descendants(field, (value,), self.names) for value in values)
                parts = (self._among(subject, field, codes) for codes in each)
                return f"({' and '.join(parts)})"
            case InCodeList(code_list=name):
                codes = [self.names.codes[code.value] for code in self.names.lists[name].codes]
                return self._among(subject, field, codes)
            case Compare(comparator=comparator, bound=bound):
                sign = SIGNS.get(comparator, comparator.value)
                return f"({subject} {sign} {self.expression(bound)})"
            case Within(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
                ends = f"{self.expression(low)}..{self.expression(high)}"
                opening, closing = "[" if low_closed else "(", "]" if high_closed else ")"
                return f"({subject} in {opening}{ends}{closing})"
            case AnyOf(tests=tests):
                return f"({' or '.join(self._unary(subject, field, each) for each in tests)})"
            case AllOf(tests=tests):
                return f"({' and '.join(self._unary(subject, field, each) for each in tests)})"
            case Not(test=inner):
                return f"(not {self._unary(subject, field, inner)})"
            case Present(absent=absent):
                return f"({subject} {'==' if absent else '!='} null)"
            case _:
                assert_never(test)

    def _among(self, subject: str, field: str, codes: Sequence[str]) -> str:
        among = json.dumps(list(codes))
        return f"some({subject}, # in {among})" if field in self.sets else f"({subject} in {among})"


_FOLDS = {
    HitPolicy.COLLECT: "flatMap([{}], #)",
    HitPolicy.COUNT: "len({})",
    HitPolicy.SUM: "sum({})",
    HitPolicy.MIN: "min({})",
    HitPolicy.MAX: "max({})",
}
"""What turns the column of a collecting table into one value."""


def _is_simple(test: UnaryTest) -> bool:
    """Whether a test fits a cell on ``$``, whose parser refuses bracketed connectives silently."""
    inner = test.test if isinstance(test, Not) else test
    return isinstance(inner, OneOf | InCodeList | Compare | Within)


def _node(name: str, kind: str) -> Json:
    return {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}}


def _text(content: str) -> str:
    return json.dumps(content, ensure_ascii=False)
