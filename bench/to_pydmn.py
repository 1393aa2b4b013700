"""Policy -> workbook for pyDMNrules: one decision table for each table, in FEEL.

A 多选 field becomes one yes/no variable for each code, since the library tests no sets. Every table
ends with a row that always matches, since a table without a match stops the whole decision. Beside
what ``bench.to_zen`` names, these are not expressible: 计数, 求和, 最小, 最大, 优先, derived 收集.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from openpyxl import Workbook
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from bench.spelling import Inexpressible, Names, Plain, in_order, plain, with_descendants
from engine.cases import Case
from engine.dependencies import levels, table_graph
from engine.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Comparator,
    Compare,
    Comparison,
    Conditional,
    Conjunction,
    Disjunction,
    Expression,
    FieldRef,
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

Cell: TypeAlias = bool | int | float | str

NONE = "none"
"""The rule that stands for no rule."""
FIRST = (HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.ANY)


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook on disk, the rules that it holds, and how it names the fields and codes."""

    path: Path
    rules: frozenset[str]
    sets: frozenset[str]
    names: Names


def to_pydmn(policy: Policy, names: Names, path: Path) -> Book:
    """Translate what can be translated, and write it."""
    wide = {field: f"f{int(short[1:]):04}" for field, short in names.fields.items()}
    names = Names(wide, names.codes, names.lists, names.list_of)
    writer = _Writer(policy, names)
    for number, table in enumerate(in_order(policy, levels(table_graph(policy)))):
        writer.table(table, f"t{number:04}")
    writer.finish()
    writer.book.save(path)
    return Book(path, frozenset(writer.rules), frozenset(writer.sets), names)


def facts_for_pydmn(case: Case, book: Book) -> dict[str, Plain]:
    """The facts of a case, by variable."""
    facts: dict[str, Plain] = {}
    for name, value in case.facts.items():
        if value is None or name not in book.names.fields:
            continue
        if name not in book.sets:
            facts[f"v{book.names.fields[name][1:]}"] = plain(value, book.names)
            continue
        held = plain(value, book.names)
        for code in book.names.lists[book.names.list_of[name]].codes:
            spelt = book.names.codes[code.value]
            variable = f"v{book.names.fields[name][1:]}{spelt}"
            facts[variable] = isinstance(held, list) and spelt in held
    return facts


class _Writer:
    def __init__(self, policy: Policy, names: Names) -> None:
        self.names = names
        self.sets = {f.name for f in policy.fields if isinstance(f.type, MultiChoiceType)}
        self.rules: list[str] = []
        self.book = Workbook()
        self._tables: list[str] = []
        self._outputs: list[str] = []

    def finish(self) -> None:
        """Add the sheets that name all variables and the order of the tables."""
        glossary = self.book.create_sheet("Glossary")
        glossary.append(["Glossary"])
        glossary.append(["Variable", "Business Concept", "Attribute"])
        items = [*self._items(), *self._outputs]
        for number, item in enumerate(items):
            glossary.append([f"v{item[1:]}", "Data" if number == 0 else None, item])
        decision = self.book.create_sheet("Decision")
        decision.append(["Decision"])
        decision.append(["Decisions", "Execute Decision Tables"])
        for name in self._tables:
            decision.append([name, name])
        del self.book["Sheet"]

    def _items(self) -> list[str]:
        items = []
        for field, short in self.names.fields.items():
            if field in self.sets:
                codes = self.names.lists[self.names.list_of[field]].codes
                items += [short + self.names.codes[code.value] for code in codes]
            else:
                items.append(short)
        return items

    def table(self, table: DecisionTable, name: str) -> None:
        """Add a sheet with one table, or nothing where the library has no words for it."""
        measures = not table.outputs
        if any(rule.overrides for rule in table.rules) or not (
            measures or table.hit_policy in FIRST
        ):
            return
        rows: list[tuple[str, dict[str, Cell], list[Cell]]] = []
        for rule in table.rules:
            try:
                results = [self._conclusion(each) for each in rule.conclusions]
                rows.append((rule.id, self._cells(rule), [*results, _text(rule.id)]))
            except Inexpressible:
                continue
            self.rules.append(rule.id)
        defaults: list[Cell] = [
            "null" if each.default is None else self._conclusion(each.default)
            for each in table.outputs
        ]
        rows.append((NONE, {}, [*defaults, _text(NONE)]))
        inputs = sorted({key for _, cells, _ in rows for key in cells})
        outputs = [self.names.fields[each.field] for each in table.outputs]
        self._tables.append(name)
        self._outputs.append(f"r{name}")
        first = not measures or table.hit_policy is HitPolicy.FIRST
        sheet = self.book.create_sheet(name)
        sheet.append([name])
        headings = [f"v{item[1:]}" for item in (*inputs, *outputs, f"r{name}")]
        sheet.append(["F" if first else "C", *headings])
        for id_, cells, results in rows:
            sheet.append([id_, *(cells.get(key, "-") for key in inputs), *results])
        _rule_off(sheet, 1 + len(inputs))

    def _cells(self, rule: Rule) -> dict[str, Cell]:
        """The condition cells by item; a whole condition goes to the first item that it tests."""
        cells: dict[str, Cell] = {}
        for condition in rule.conditions:
            node = condition.expression
            if isinstance(node, Satisfies) and node.field not in self.sets:
                item = self.names.fields[node.field]
                cell = self._cell(node)
            else:
                cell = self.expression(node)
                item = str(cell).partition("Data.")[2].partition(" ")[0]
            if item in cells:
                whole = [self._whole(item, each) for each in (cells[item], cell)]
                cell = _joined("and", whole)
            cells[item] = cell
        return cells

    def _whole(self, item: str, cell: Cell) -> str:
        """A cell as an expression that names its item."""
        text = str(cell).lower() if isinstance(cell, bool) else str(cell)
        if "Data." in text:
            return text
        if text[0] in "<>":
            return f"Data.{item} {text}"
        if text[0] == "[":
            return f"Data.{item} in {text}"
        raise Inexpressible("two tests of one field")

    def _cell(self, node: Satisfies) -> Cell:
        """A test as a drafter of that library would write it."""
        match node.test:
            case OneOf(values=(bool() as only,)):
                return only
            case OneOf(values=values):
                return self._list(node.field, tuple(values))
            case Not(test=OneOf(values=values)):
                return f"not({self._list(node.field, tuple(values))})"
            case Compare(
                comparator=Comparator.LESS
                | Comparator.AT_MOST
                | Comparator.GREATER
                | Comparator.AT_LEAST as comparator,
                bound=bound,
            ):
                return f"{comparator.value} {self.expression(bound)}"
            case _:
                return self.expression(node)

    def _list(self, field: str, values: tuple[object, ...]) -> str:
        codes = with_descendants(field, tuple(str(each) for each in values), self.names)
        return ",".join(map(_text, codes))

    def _conclusion(self, node: Expression) -> Cell:
        if isinstance(node, Literal):
            value = plain(node.value, self.names)
            return _text(value) if isinstance(value, str) else _scalar(value)
        return self.expression(node)

    def expression(self, node: Expression) -> str:
        """Spell an expression or a whole condition in FEEL."""
        match node:
            case Literal(value=value):
                return _literal(plain(value, self.names))
            case FieldRef(field=field):
                return self._item(field)
            case Arithmetic(operator=sign, left=left, right=right):
                return f"({self.expression(left)} {sign.value} {self.expression(right)})"
            case Negate(operand=operand):
                return f"(0 - {self.expression(operand)})"
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                parts = map(self.expression, (condition, then, otherwise))
                return "if {} then {} else {}".format(*parts)
            case Satisfies(field=field, test=test):
                return self._unary(field, test)
            case Comparison(comparator=comparator, left=left, right=right):
                return f"{self.expression(left)} {comparator.value} {self.expression(right)}"
            case Conjunction(operands=parts):
                return _joined("and", [self.expression(each) for each in parts])
            case Disjunction(operands=parts):
                return _joined("or", [self.expression(each) for each in parts])
            case Inverse(operand=operand):
                return f"not({self.expression(operand)})"
            case _:
                raise Inexpressible(type(node).__name__)

    def _item(self, field: str) -> str:
        if field in self.sets:
            raise Inexpressible("a set in an expression")
        return f"Data.{self.names.fields[field]}"

    def _unary(self, field: str, test: UnaryTest) -> str:
        match test:
            case OneOf(values=values):
                return self._among(field, with_descendants(field, values, self.names))
            case HasAll(values=values):
                each = (with_descendants(field, (value,), self.names) for value in values)
                return _joined("and", [self._among(field, codes) for codes in each])
            case InCodeList(code_list=name):
                codes = [self.names.codes[code.value] for code in self.names.lists[name].codes]
                return self._among(field, codes)
            case Compare(comparator=comparator, bound=bound):
                return f"{self._item(field)} {comparator.value} {self.expression(bound)}"
            case Within(low=low, high=high, low_closed=low_closed, high_closed=high_closed):
                ends = f"{self.expression(low)}..{self.expression(high)}"
                opening, closing = "[" if low_closed else "(", "]" if high_closed else ")"
                return f"{self._item(field)} in {opening}{ends}{closing}"
            case AnyOf(tests=tests):
                return _joined("or", [self._unary(field, each) for each in tests])
            case AllOf(tests=tests):
                return _joined("and", [self._unary(field, each) for each in tests])
            case Not(test=inner):
                return f"not({self._unary(field, inner)})"
            case Present(absent=absent) if field not in self.sets:
                return f"{self._item(field)} {'=' if absent else '!='} null"
            case _:
                raise Inexpressible(type(test).__name__)

    def _among(self, field: str, codes: list[str]) -> str:
        if field in self.sets:
            held = (f"Data.{self.names.fields[field]}{code} = true" for code in codes)
        elif codes in (["True"], ["False"]):
            held = (f"{self._item(field)} = {code.lower()}" for code in codes)
        else:
            held = (f"{self._item(field)} = {_text(code)}" for code in codes)
        return _joined("or", list(held)) if codes else "(1 = 0)"


def _rule_off(sheet: Worksheet, inputs: int) -> None:
    """Draw the double lines by which the library tells headings, inputs and outputs apart."""
    none, double = Side(), Side(style="double")
    for column in range(1, sheet.max_column + 2):
        edge = double if column == inputs else none
        sheet.cell(2, column).border = Border(left=none, right=edge, top=none, bottom=double)


def _joined(word: str, parts: list[str]) -> str:
    """Join conditions, each in brackets: pySFeel takes ``a > 3 and b < 9`` for null."""
    return parts[0] if len(parts) == 1 else f" {word} ".join(f"({each})" for each in parts)


def _text(content: str) -> str:
    return f'"{content}"'


def _scalar(value: Plain) -> Cell:
    if isinstance(value, list):
        raise Inexpressible("a set as a conclusion")
    return value


def _literal(value: Plain) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _text(value) if isinstance(value, str) else str(_scalar(value))
