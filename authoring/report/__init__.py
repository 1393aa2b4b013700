"""One answer as a document to keep: a Word opinion (测算意见书), an Excel workbook of all rows."""

from authoring.report.excel import excel_report
from authoring.report.word import word_report

__all__ = ["excel_report", "word_report"]
