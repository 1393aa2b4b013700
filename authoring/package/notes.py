"""Notes on cells: the text in a comments part, the box in a VML drawing (ECMA-376 Part 1, 18.7, and
Part 4, 19). A note of the sheet's author is added to, and given back as it was.

A thread of comments (Excel 365) has a legacy note too, which Excel writes anew from the thread; a
cell with a thread gets no note.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from authoring.package import boxes
from authoring.package.cells import Position, position_of, spell_position, spelled_text
from authoring.package.grid import STATED, read_grid
from authoring.package.parts import (
    OFFICE,
    Package,
    add_link,
    add_part,
    drop_links,
    free_name,
    linked,
    links_of,
    say_of_extension,
)
from authoring.package.sheets import MAIN, insert_child
from authoring.package.splice import (
    Edit,
    Element,
    UnreadablePartError,
    apply,
    content,
    find_elements,
    put_inside,
    start_tag,
    text_of,
    with_attribute,
)

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_EMPTY = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{MAIN}">'
    "<authors/><commentList/></comments>"
)
_LEVELS = {
    ("authors", 1), ("author", 2), ("commentList", 1), ("comment", 2), ("text", 3), ("r", 4),
    ("rPh", 4), ("t", 4), ("t", 5),
}  # fmt: skip
_FONT = '<sz val="9"/><color indexed="81"/><rFont val="宋体"/><charset val="134"/>'


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a note's text."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A note as its part holds it, with the elements of its text."""

    element: Element
    holder: Element | None
    texts: tuple[Element, ...]
    runs: tuple[Element, ...]
    written: str

    @property
    def at(self) -> Position | None:
        """The cell of the note."""
        return position_of(self.element.attributes.get("ref", ""))


def threads_on(package: Package, path: str) -> frozenset[Position]:
    """The cells of a sheet that have a thread of comments."""
    found = set()
    for link in links_of(package, path).values():
        if link.kind == "threadedComment" and link.target in package:
            part = package.read(link.target)
            for each in find_elements(part, lambda name, _: name == "threadedComment"):
                found.add(position_of(each.attributes.get("ref", "")))
    return frozenset(each for each in found if each)


def add_notes(
    package: Package, path: str, author: str, notes: Mapping[Position, Sequence[Run]]
) -> None:
    """Put notes on cells of a sheet; what stands there already stays above.

    Cells with a thread of comments must not be among them.
    """
    if not notes:
        return
    part_name = linked(package, path, "comments")
    if part_name is None:
        folder = posixpath.dirname(posixpath.dirname(path))
        part_name = free_name(package, posixpath.join(folder, "comments{}.xml"))
        add_part(package, part_name, _EMPTY.encode(), _COMMENTS_TYPE)
        add_link(package, path, "comments", part_name)
    author_id = _author_id(package, part_name, author)
    part = package.read(part_name)
    found = {each.at: each for each in _comments(part)}
    edits: list[Edit] = []
    new: list[str] = []
    sizes: dict[Position, str] = {}
    holder = _one(part, "commentList")
    for at, runs in sorted(notes.items()):
        written = "".join(run.text for run in runs)
        comment = found.get(at)
        if comment is None:
            sizes[at] = written
            text = "".join(_spell_run(run, holder) for run in runs)
            tags = holder.tag("comment"), holder.tag("text")
            new.append(
                f'<{tags[0]} ref="{spell_position(at)}" authorId="{author_id}">'
                f"<{tags[1]}>{text}</{tags[1]}></{tags[0]}>"
            )
        elif comment.holder is not None:
            sizes[at] = f"{comment.written}\n\n{written}"
            edits += _append(part, comment, (Run("\n\n"), *runs))
    edits.append(put_inside(part, holder, "".join(new)))
    package.write(part_name, apply(part, edits))
    _put_boxes(package, path, sizes, frozenset(sizes) - frozenset(found))


def cut_notes(package: Package, path: str, author: str, first: str, last: str) -> None:
    """Cut from the notes of a sheet what stands between two marks, marks included.

    A note of which nothing is left goes, and so does the author when nothing is left of theirs.
    """
    part_name = linked(package, path, "comments")
    if part_name is None:
        return
    part = package.read(part_name)
    edits: list[Edit] = []
    gone: set[Position] = set()
    shortened: set[Position] = set()
    comments = _comments(part)
    for comment in comments:
        kept = _kept(comment.written, first, last)
        if comment.at is None or all(kept):
            continue
        left = "".join(c for c, keep in zip(comment.written, kept, strict=True) if keep)
        if left.strip():
            shortened.add(comment.at)
            edits += _shorten(part, comment, kept)
        else:
            gone.add(comment.at)
            edits.append(Edit(comment.element.start, comment.element.end))
    if not edits:
        return
    package.write(part_name, apply(part, [*edits, *_farewell(part, author, comments, gone)]))
    if len(gone) == len(comments):
        drop_links(package, path, part_name)
        package.remove(part_name)
    sheet = package.read(path)
    element = _legacy_drawing(find_elements(sheet, lambda _, depth: depth == 1))
    drawing = _drawing(package, path, element)
    if drawing is None or element is None:
        return
    rest = boxes.without(package.read(drawing), gone, shortened)
    package.write(drawing, rest)
    if boxes.is_empty(rest):
        package.write(path, apply(sheet, [Edit(element.start, element.end)]))
        drop_links(package, path, drawing)
        package.remove(drawing)


# --- texts ----------------------------------------------------------------------------------------


def _comments(part: bytes) -> tuple[Comment, ...]:
    """The notes of a part. Elements come in the order of their end tags: children first."""
    comments: list[Comment] = []
    texts: list[Element] = []
    runs: list[Element] = []
    holder: Element | None = None
    for each in find_elements(part, lambda name, depth: (name, depth) in _LEVELS):
        match each.name:
            case "t":
                texts.append(each)
            case "r":
                runs.append(each)
            case "rPh":  # how to pronounce it: no text
                texts = [text for text in texts if not each.has(text)]
            case "text":
                holder = each
            case "comment":
                written = "".join(text_of(part, text) for text in texts)
                comments.append(Comment(each, holder, tuple(texts), tuple(runs), written))
                texts, runs, holder = [], [], None
    return tuple(comments)


def _kept(written: str, first: str, last: str) -> list[bool]:
    """Which characters of a text stand outside the marks, blank lines before them left out."""
    kept = [True] * len(written)
    start = written.find(first)
    while start >= 0:
        end = written.find(last, start)
        if end < 0:
            break
        end += len(last)
        begin = start
        while begin and start - begin < 2 and written[begin - 1] == "\n":
            begin -= 1
        kept[begin:end] = [False] * (end - begin)
        start = written.find(first, end)
    return kept


def _append(part: bytes, comment: Comment, runs: Sequence[Run]) -> list[Edit]:
    """Add runs to a text; one that was not in runs becomes the first of them."""
    holder = comment.holder
    assert holder is not None
    edits = []
    for text in comment.texts:
        if not any(run.has(text) for run in comment.runs):
            run = text.tag("r")
            edits += [
                Edit(text.start, text.start, f"<{run}>"),
                Edit(text.end, text.end, f"</{run}>"),
            ]
    spelled = "".join(_spell_run(run, holder) for run in runs)
    ends = [each.end for each in (*comment.texts, *comment.runs)]
    # Behind the runs: how to pronounce them (rPh) comes last.
    last = Edit(max(ends), max(ends), spelled) if ends else put_inside(part, holder, spelled)
    return [*edits, last]


def _shorten(part: bytes, comment: Comment, kept: Sequence[bool]) -> list[Edit]:
    edits = []
    at = 0
    for text in comment.texts:
        written = text_of(part, text)
        keep = kept[at : at + len(written)]
        at += len(written)
        left = "".join(c for c, stays in zip(written, keep, strict=True) if stays)
        if left == written:
            continue
        if left:
            tag = with_attribute(start_tag(part, text), "xml:space", "preserve")
            edits.append(Edit(text.start, text.close, f"{tag}{content(left)}"))
        else:
            run = next((each for each in comment.runs if each.has(text)), text)
            edits.append(Edit(run.start, run.end))
    return edits


def _spell_run(run: Run, beside: Element) -> str:
    r, properties, t = map(beside.tag, ("r", "rPr", "t"))
    font = f"<b/>{_FONT}" if run.bold else _FONT
    if beside.prefix:
        font = font.replace("<", f"<{beside.prefix}:")
    text = content(spelled_text(run.text))
    return f'<{r}><{properties}>{font}</{properties}><{t} xml:space="preserve">{text}</{t}></{r}>'


def _author_id(package: Package, part_name: str, author: str) -> int:
    part = package.read(part_name)
    found = find_elements(part, lambda name, depth: (name, depth) == ("author", 2))
    for number, each in enumerate(found):
        if text_of(part, each) == author:
            return number
    holder = _one(part, "authors")
    tag = holder.tag("author")
    added = put_inside(part, holder, f"<{tag}>{content(author)}</{tag}>")
    package.write(part_name, apply(part, [added]))
    return len(found)


def _farewell(
    part: bytes, author: str, comments: Iterable[Comment], gone: Collection[Position]
) -> Iterator[Edit]:
    """Take an author away who wrote none of the notes that stay; only the last has no number after
    it that would change."""
    authors = find_elements(part, lambda name, depth: (name, depth) == ("author", 2))
    last = str(len(authors) - 1)
    used = {each.element.attributes.get("authorId") for each in comments if each.at not in gone}
    if authors and text_of(part, authors[-1]) == author and last not in used:
        yield Edit(authors[-1].start, authors[-1].end)


def _one(part: bytes, name: str) -> Element:
    found = find_elements(part, lambda each, depth: (each, depth) == (name, 1))
    if not found:
        raise UnreadablePartError
    return found[0]


# --- boxes ----------------------------------------------------------------------------------------


def _put_boxes(
    package: Package, path: str, written: Mapping[Position, str], new: frozenset[Position]
) -> None:
    part = package.read(path)
    found = find_elements(part, lambda name, depth: depth <= 1 or STATED.get(name) == depth)
    drawing = _drawing(package, path, _legacy_drawing(found))
    if drawing is None:
        folder = posixpath.join(posixpath.dirname(posixpath.dirname(path)), "drawings")
        drawing = free_name(package, posixpath.join(folder, "vmlDrawing{}.vml"))
        say_of_extension(package, "vml", _VML_TYPE)
        package.write(drawing, boxes.EMPTY.encode())
        link = add_link(package, path, "vmlDrawing", drawing)
        text = f'<{found[-1].tag("legacyDrawing")} xmlns:r="{OFFICE}" r:id="{link}"/>'
        package.write(path, apply(part, [insert_child(found, "legacyDrawing", text)]))
    package.write(drawing, boxes.put(package.read(drawing), read_grid(found), written, new))


def _drawing(package: Package, path: str, element: Element | None) -> str | None:
    """The drawing of a sheet's notes and form controls; not the one of its header's pictures."""
    attributes = {} if element is None else element.attributes
    id_ = next((value for name, value in attributes.items() if name.endswith(":id")), "")
    link = links_of(package, path).get(id_)
    return link.target if link and link.target in package else None


def _legacy_drawing(found: Iterable[Element]) -> Element | None:
    return next((each for each in found if (each.name, each.depth) == ("legacyDrawing", 1)), None)
