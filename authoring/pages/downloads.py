"""What a person takes away of an answer: the opinion, the workbook of rows, the case as 用例."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import cast

import streamlit as st

from authoring.pages.mime import DOCX, XLSX
from authoring.pages.plain import plain
from authoring.pages.words import say
from authoring.printable import printable
from authoring.report import excel_report, word_report
from authoring.save_case import (
    NotSavedError,
    Saved,
    UnreadablePartError,
    UnspellableError,
    save_case,
)
from engine.cases import Case
from engine.explain import explain
from engine.narrative import Narrative
from engine.outcome import Outcome
from engine.simulate import Engine, simulate

Report = Callable[[Outcome, Narrative, date], bytes]

_SAVED, _PRINTS = "saved-case", "prints"
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s\ufffd]+')
_LONGEST_NAME = 40


def show_downloads(
    case: Case,
    engine: Engine,
    version: str,
    content: bytes,
    name: str,
) -> None:
    """Draw the buttons. ``engine`` and ``version`` are those of the workbook with this content,
    whose file is called ``name``. The styles hide all while the answer is stale."""
    about = _file_name(case.name) or say("downloads.unnamed")
    with st.container(horizontal=True, gap="small", key="downloads"):
        for key, suffix, kind, report in (
            ("word", "docx", DOCX, word_report),
            ("excel", "xlsx", XLSX, excel_report),
        ):
            st.download_button(
                say(f"downloads.{key}"),
                _made(report, engine, case),
                file_name=f"{say(f'downloads.{key}_file', name=about)}.{suffix}",
                mime=kind,
                icon=":material/download:",
                key=f"download-{key}",
                on_click="ignore",
            )
        st.button(
            say("downloads.save"),
            help=say("downloads.save_help"),
            icon=":material/playlist_add:",
            key="download-case",
            on_click=_save,
            args=(case, engine, version, content),
        )
        if st.button(
            say("downloads.print"),
            help=say("downloads.print_help"),
            icon=":material/print:",
            key="print",
        ):
            st.session_state[_PRINTS] = st.session_state.get(_PRINTS, 0) + 1
        if wish := st.session_state.get(_PRINTS):
            st.html(f"<script>window.tiaoliPrint({wish})</script>", unsafe_allow_javascript=True)
    _show_saved((version, case), name)


def _made(report: Report, engine: Engine, case: Case) -> Callable[[], bytes]:
    """A report that is made when somebody asks for it."""

    def make() -> bytes:
        outcome = simulate(engine, case)
        return report(outcome, explain(outcome), date.today())

    return make


def _save(case: Case, engine: Engine, version: str, content: bytes) -> None:
    """Make the copy, or find out why there is none. Only in a callback."""
    done: Saved | str
    try:
        done = save_case(content, simulate(engine, case))
    except UnspellableError as error:
        done = say("downloads.unspellable", fields="、".join(error.fields))
    except NotSavedError:
        done = say("downloads.not_saved")
    except UnreadablePartError:
        done = say("downloads.unreadable")
    st.session_state[_SAVED] = ((version, case), done)


def _show_saved(subject: tuple[str, Case], name: str) -> None:
    """The copy of the version and with the case that are shown; no other."""
    kept = cast("tuple[tuple[str, Case], Saved | str] | None", st.session_state.get(_SAVED))
    if kept is None or kept[0] != subject:
        return
    done = kept[1]
    if isinstance(done, str):
        st.error(plain(done), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="saved-case"):
        case = subject[1].name
        told = say(
            "downloads.saved",
            project=say("downloads.named", name=plain(case)) if case else say("downloads.this_one"),
            sheet=plain(done.sheet),
            row=done.row,
            id=plain(done.id),
            count=done.expectations,
        )
        st.success(told, icon=":material/check:")
        stem, _, suffix = name.rpartition(".")
        st.download_button(
            say("downloads.copy"),
            done.file,
            file_name=f"{say('downloads.copy_file', name=stem or name)}.{suffix or 'xlsx'}",
            mime=XLSX,
            icon=":material/download:",
            key="download-copy",
            on_click="ignore",
        )


def _file_name(text: str) -> str:
    """A text as part of a file's name, on any system."""
    return _NOT_IN_NAMES.sub("-", printable(text))[:_LONGEST_NAME].strip("-. ")
