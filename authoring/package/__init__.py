"""An .xlsx changed in place: single parts, single elements, every other byte as it was.

What openpyxl does not know (pictures, charts, rich text, extensions, threads of comments) it drops
on saving. So a drafter's own file is never read and written again, but patched:
``docs/decisions/0011-patch-the-package.md``.
"""
