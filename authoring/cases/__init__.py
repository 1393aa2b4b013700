"""Cases from sheets and files: facts checked against the policy, and what golden cases expect."""

from authoring.cases.facts import Known, check_constraints, check_fact, known_of
from authoring.cases.files import (
    CaseFile,
    choose,
    read_case,
    read_case_book,
    read_case_file,
    read_case_list,
    read_cases,
    spare_columns,
)
from authoring.cases.json_files import CaseReading
from authoring.cases.sheet import read_case_row, read_case_sheet, read_case_table

__all__ = [
    "CaseFile",
    "CaseReading",
    "Known",
    "check_constraints",
    "check_fact",
    "choose",
    "known_of",
    "read_case",
    "read_case_book",
    "read_case_file",
    "read_case_list",
    "read_case_row",
    "read_case_sheet",
    "read_case_table",
    "read_cases",
    "spare_columns",
]
