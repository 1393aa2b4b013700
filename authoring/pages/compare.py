"""版本对比: what two versions of a policy say differently, and whose money that changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias, cast

import streamlit as st

from authoring.archives import MAX_FILE_BYTES, MEBIBYTE
from authoring.cases import CaseFile, Known, read_case_list
from authoring.cases.files import LISTS
from authoring.compare_books import Difference, differences
from authoring.compare_cases import Pairing, pair_files, pair_up
from authoring.pages import check
from authoring.pages.book import Book, open_book
from authoring.pages.choice import ask_upload, chosen, file_of, offered, version_labels
from authoring.pages.kept import Kept, ask_file
from authoring.pages.paging import ask_page
from authoring.pages.paper import head_paper, name_policy, note_paper, tell_paper
from authoring.pages.plain import plain
from authoring.pages.shell import show_page
from authoring.pages.words import say
from authoring.pages.work import Tell, show_work, work_on
from authoring.projects import row_errors
from authoring.remarks import list_remark_of, remark_of
from authoring.render_check import group_remarks, render_remarks
from authoring.render_compare import (
    phrase_turn,
    render_cases,
    render_changes,
    render_measures,
    render_unwelcome,
    sum_up,
)
from authoring.render_html import render_cards, render_figures
from authoring.render_pair import Sides, render_money, render_proofs
from authoring.render_portfolio import render_errors
from engine.compare import CaseChange, Comparison, Pair, Turn, compare, compare_case
from engine.explain import explain
from engine.findings import Severity, has_errors
from engine.model import Policy
from engine.simulate import Engine, simulate

OLD, NEW, SOURCE, VIEW, CASES, CASE = (
    f"compare-{name}" for name in ("old", "new", "source", "view", "cases", "case")
)
VIEWS = ("changes_view", "cases_view", "measures_view", "pair_view")
GOLDEN: Final = "golden"
UPLOADED: Final = "uploaded"
WORK, DIFFERENCES = "compare-work", "compare-differences"
PER_PAGE, CHANGES_PER_PAGE = 25, 100
MOST_ERRORS = 5


Source: TypeAlias = Kept | Literal["golden"]
"""An uploaded list of projects, or the golden cases of both versions."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A list that cannot be used."""

    file: CaseFile


@dataclass(frozen=True, slots=True)
class Compared:
    """The projects as both versions take them, and what came out."""

    pairing: Pairing
    comparison: Comparison


def show() -> None:
    """Draw the page."""
    show_page(_page, sound=False)


def _page(_: Book) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="page-title"):
        st.title(say("compare.title"), anchor=False)
    st.caption(say("compare.about"))
    books = _choose()
    if books is None:
        head_paper(say("compare.title"))
        return
    old, new = books
    _head(old, new)
    changes = _differences(old, new)
    source = _ask_source(old, new)
    if source is None:
        _changes(changes)
        return
    name = say("compare.golden") if source == GOLDEN else source.name
    note_paper(say("paper.list", name=name))
    compared = _compare(old, new, source)
    if compared is None:
        return
    if isinstance(compared, Broken):
        _tell_broken(compared.file)
        _changes(changes)
        return
    _tell_left_out(compared.pairing)
    comparison = compared.comparison
    with st.container(key="sentence"):
        if changes or not comparison.cases:
            st.info(sum_up(comparison, len(changes)))
        else:
            st.success(say("compare.equal"), icon=":material/check_circle:")
    _views(old, new, changes, compared.pairing.pairs, comparison)


def _head(old: Book, new: Book) -> None:
    lines = [say("paper.compared", date=date.today().isoformat())]
    for key, name, book in ((OLD, "old", old), (NEW, "new", new)):
        file = file_of(offered()[st.session_state[key]])
        lines.append(say(f"paper.{name}", policy=name_policy(book), name=file))
    head_paper(say("compare.title"), *lines)


def _choose() -> tuple[Book, Book] | None:
    """The two versions, as soon as both are there and sound."""
    books = offered()
    names = version_labels(books)
    keys = list(books)
    current = chosen().key
    if st.session_state.get(OLD) not in books:
        st.session_state[OLD] = current
    if st.session_state.get(NEW) not in books:
        others = [key for key in keys if key != st.session_state[OLD]]
        st.session_state[NEW] = others[0] if others else current
    left, right = st.columns(2)
    for column, key in ((left, OLD), (right, NEW)):
        label = say("compare.old" if key == OLD else "compare.new")
        column.selectbox(
            label, keys, format_func=names.__getitem__, key=key, persist_state="session"
        )
    with st.expander(say("compare.upload_title"), expanded=len(books) == 1):
        ask_upload("compare", say("compare.upload"), choose=NEW)
    if len(books) == 1:
        st.info(say("compare.one_only"), icon=":material/info:")
        return None
    if st.session_state[OLD] == st.session_state[NEW]:
        st.info(say("compare.same_book"), icon=":material/info:")
        return None
    found = []
    for key in (OLD, NEW):
        offer = books[st.session_state[key]]
        with st.spinner(say("compare.reading")):
            book = open_book(offer)
        if book.policy is None:
            _broken(book, offer.key, names[offer.key])
        found.append(book)
    old, new = found
    return None if old.policy is None or new.policy is None else (old, new)


def _broken(book: Book, offer: str, name: str) -> None:
    """What keeps a version from being compared; of many errors the first ones, and the way to all.

    ``offer`` is the key of the workbook.
    """
    errors = [each for each in book.findings if each.severity is Severity.ERROR]
    key = "compare.broken" if book.sheets else "compare.unreadable"
    st.error(say(key, name=name, count=len(errors)), icon=":material/block:")
    groups = group_remarks(map(remark_of, errors))
    st.html(render_remarks(groups[:MOST_ERRORS], {each.name: each for each in book.sheets}))
    if len(groups) > MOST_ERRORS:
        st.caption(say("compare.more_errors", count=len(groups) - MOST_ERRORS))
    if book.sheets and st.button(
        say("compare.to_check"),
        key=f"to-check-{offer}",
        icon=":material/rule:",
        help=say("compare.to_check_help"),
        on_click=check.hand_over,
        args=(offer,),
    ):
        st.switch_page(check.page())


def _differences(old: Book, new: Book) -> tuple[Difference, ...]:
    """What the two say differently, found once and kept as long as they are compared."""
    versions = old.version, new.version
    kept = st.session_state.get(DIFFERENCES)
    if kept is None or kept[0] != versions:
        policies = cast(Policy, old.policy), cast(Policy, new.policy)
        kept = versions, differences(*policies, (old.sheets, new.sheets))
        st.session_state[DIFFERENCES] = kept
    return cast("tuple[Difference, ...]", kept[1])


# --- the cases ------------------------------------------------------------------------------------


def _ask_source(old: Book, new: Book) -> Source | None:
    """Ask which projects to compare with; None where there are none."""
    golden = len(old.understanding.golden_cases) + len(new.understanding.golden_cases)
    source = st.segmented_control(
        say("compare.projects"),
        [GOLDEN, UPLOADED],
        default=GOLDEN if golden else UPLOADED,
        format_func=lambda name: say(f"compare.{name}"),
        key=SOURCE,
        required=True,
    )
    if source == GOLDEN:
        if not golden:
            st.info(say("compare.no_golden"), icon=":material/info:")
            return None
        return GOLDEN
    endings = tuple(each.removeprefix(".") for each in LISTS)
    file = ask_file(CASES, say("compare.cases"), endings, MAX_FILE_BYTES // MEBIBYTE, WORK)
    if file is None:
        st.info(say("compare.no_cases"), icon=":material/info:")
    return file


def _compare(old: Book, new: Book, source: Source) -> Compared | Broken | None:
    """Read the projects, and work each out under both versions."""
    policies = cast(Policy, old.policy), cast(Policy, new.policy)

    def pair(tell: Tell) -> Pairing | Broken:
        known = cast(Known, old.known), cast(Known, new.known)
        if source == GOLDEN:
            golden = old.understanding.golden_cases, new.understanding.golden_cases
            return pair_up(*known, *golden)
        read = []
        for policy in policies:
            read.append(read_case_list(source.content, policy, source.name))
            tell(0, 0)
        if all(has_errors(each.findings) for each in read):
            return Broken(read[1])
        return pair_files(*known, *read)

    def job(tell: Tell) -> Compared | Broken:
        # The books themselves, because an engine ends when nobody holds its book any more.
        engines = cast(Engine, old.engine), cast(Engine, new.engine)
        pairing = pair(tell)
        if isinstance(pairing, Broken):
            return pairing
        results = []
        tell(0, len(pairing.pairs))
        for done, each in enumerate(pairing.pairs, start=1):
            results.append(compare_case(*engines, each))
            tell(done, len(pairing.pairs))
        return Compared(pairing, compare(*policies, results))

    def told(done: int, total: int) -> str:
        if not total:
            return say("compare.reading_cases")
        return say("compare.running", done=done, total=total)

    about = source if source == GOLDEN else (source.version, source.name)
    return show_work(work_on(WORK, (old.version, new.version, about), job), told)


def _tell_broken(file: CaseFile) -> None:
    st.error(say("compare.cases_broken"), icon=":material/error:")
    remarks = group_remarks(map(list_remark_of, file.findings))
    st.html(render_remarks(remarks, {each.name: each for each in file.sheets}))


def _tell_left_out(pairing: Pairing) -> None:
    """The rows that neither version can read, and the projects that one of them would not take."""
    if pairing.unread is not None:
        count = len(pairing.unread.readings)
        st.warning(say("compare.rows_skipped", count=count), icon=":material/warning:")
        with st.expander(say("compare.rows_which")):
            st.html(render_errors(row_errors(pairing.unread)))
    if not pairing.unwelcome:
        return
    st.warning(say("compare.unwelcome", count=len(pairing.unwelcome)), icon=":material/warning:")
    with st.expander(say("compare.unwelcome_which")):
        first = ask_page("compare-unwelcome", len(pairing.unwelcome), PER_PAGE)
        st.html(render_unwelcome(pairing.unwelcome[first : first + PER_PAGE]))


# --- what is shown --------------------------------------------------------------------------------


def _views(
    old: Book,
    new: Book,
    changes: Sequence[Difference],
    pairs: Sequence[Pair],
    comparison: Comparison,
) -> None:
    left_out = dict.fromkeys(name for each in comparison.cases for name in each.left_out)
    if left_out:
        count = sum(bool(each.left_out) for each in comparison.cases)
        told = say("compare.left_out", count=count, fields=plain("、".join(left_out)))
        st.warning(told, icon=":material/warning:")
    with st.container(key="filter"):
        view = st.segmented_control(
            say("compare.view"),
            VIEWS,
            default=VIEWS[0],
            format_func=lambda name: say(f"compare.{name}"),
            key=VIEW,
            label_visibility="collapsed",
            required=True,
        )
    tell_paper(say(f"compare.{view}"))
    touched = [each for each in comparison.cases if each.turn is not Turn.SAME]
    match view:
        case "cases_view" | "measures_view" | "pair_view" if not comparison.cases:
            st.info(say("compare.no_pairs"), icon=":material/info:")
        case "cases_view" if touched:
            first = ask_page("compare-page", len(touched), PER_PAGE)
            st.html(render_cases(touched[first : first + PER_PAGE]))
        case "cases_view":
            st.info(say("compare.nobody"), icon=":material/info:")
        case "measures_view":
            if count := sum(bool(each.asides) for each in comparison.cases):
                st.caption(say("compare.measures_open", count=count))
            sums = [each for each in comparison.measures if each.changed]
            if sums:
                st.html(render_measures(sums))
            else:
                st.info(say("compare.no_measure_change"), icon=":material/info:")
        case "pair_view":
            _side_by_side(old, new, pairs, comparison, touched)
        case _:
            _changes(changes)


def _changes(changes: Sequence[Difference]) -> None:
    if changes:
        first = ask_page("compare-changes", len(changes), CHANGES_PER_PAGE)
        st.html(render_changes(changes[first : first + CHANGES_PER_PAGE]))
    else:
        st.info(say("compare.no_changes"), icon=":material/info:")


def _side_by_side(
    old: Book,
    new: Book,
    pairs: Sequence[Pair],
    comparison: Comparison,
    touched: Sequence[CaseChange],
) -> None:
    """One case under both versions, those first that a version treats otherwise."""
    numbers = {id(each): number for number, each in enumerate(comparison.cases)}
    order = [numbers[id(each)] for each in touched]
    first = frozenset(order)
    order += [number for number in range(len(pairs)) if number not in first]
    if st.session_state.get(CASE) not in order:
        st.session_state[CASE] = order[0]

    def name(number: int) -> str:
        each = comparison.cases[number]
        number_of = each.case.id or say("compare.unnumbered")
        told = f"{number_of} {each.case.name or say('compare.unnamed')}"
        return f"{told} {phrase_turn(each)}"

    def offer(number: int) -> str:
        return plain(name(number))

    number = st.selectbox(say("compare.choose"), order, format_func=offer, key=CASE)
    tell_paper(name(number))
    change = comparison.cases[number]
    if not change.measures:
        key = "compare.stake_only" if change.turn is Turn.OPEN else "compare.both_same"
        st.caption(say(key))
    engines = cast(Engine, old.engine), cast(Engine, new.engine)
    pair = pairs[number]
    before, after = (
        explain(simulate(engine, case))
        for engine, case in zip(engines, (pair.before, pair.after), strict=True)
    )
    rules = [
        frozenset(rule.id for table in engine.policy.tables for rule in table.rules)
        for engine in engines
    ]
    sides = Sides(before, after, compare_case(*engines, pair), (rules[0], rules[1]))
    st.html(render_money(sides))
    if change.measures:
        st.subheader(say("compare.pair_proofs"), anchor=False)
        st.caption(say("compare.pair_about"))
        st.html(render_proofs(sides))
    with st.expander(say("compare.whole")):
        for column, label, narrative in zip(
            st.columns(2), ("old", "new"), (before, after), strict=True
        ):
            with column:
                st.subheader(say(f"compare.{label}"), anchor=False)
                st.html(render_figures(narrative))
                st.html(render_cards(narrative))
