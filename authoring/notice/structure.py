"""The paragraphs of a notice -> its title, number, issuer, days, and its articles, verbatim.

Chinese notices number their parts in a few ways. The finest of them that is used throughout gives
the articles: 第一条, else （一）, else 1., else 一、; what stands above it are chapters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from authoring.numerals import NUMERAL, find_day, numeral, whole

_CHAPTER_WORD = re.compile(rf"第({NUMERAL}+|\d+)[章节]\s*(.*)", re.S)
_ARTICLE_WORD = re.compile(rf"第({NUMERAL}+|\d+)条[、，：:\s]*(.*)", re.S)
_COUNTED = re.compile(rf"({NUMERAL}{{1,4}})[、．.]\s*(.*)", re.S)
_BRACKETED = re.compile(rf"[（(]({NUMERAL}{{1,4}})[）)]\s*(.*)", re.S)
_DIGIT = re.compile(r"(\d{1,3})[.．、](?!\d)\s*(.*)", re.S)

_NUMBER = re.compile(r"[\u4e00-\u9fffA-Za-z]{2,20}[〔\[［（(【]\d{4}[〕\]］）)】]\d{1,5}号")
_ORGANISATION = re.compile(
    r"[\u4e00-\u9fff（）、\s]{2,60}(?:人民政府|政府办公室|办公室|办公厅|委员会|管委会|局|厅|部|中心)"
)
_FROM_TITLE = re.compile(
    r"(.{2,20}?(?:人民政府|办公室|办公厅|委员会|管委会|局|厅|部))(?:办公室)?(?:印发)?关于"
)
_TITLE_WORDS = re.compile("措施|政策|办法|意见|细则|规定|方案|条例|通知|决定|条款")
_IN_FORCE_WORDS = "(?:施行|实施|执行|生效)"
_SINCE_ISSUED = re.compile(rf"自(?:发布|印发|公布|颁布|发文)之日起{_IN_FORCE_WORDS}")
_SINCE_DAY = re.compile(rf"自([^。；，]{{6,16}}日)起(?:正式)?(?:开始)?{_IN_FORCE_WORDS}")
_UNTIL = re.compile(
    r"(?:有效期(?:限)?(?:自.{6,20})?|执行期限)?至(.{6,16}?日)(?:止|终止|废止|失效)?"
)
_FOR_YEARS = re.compile(rf"有效期(?:限)?为?({NUMERAL}|\d{{1,2}})年")
_INTERPRETER = re.compile(r"由(?P<who>[^。，；由]{2,60}?)(?:负责|承担)(?:具体)?解释")
_STACKING = re.compile(r"[^。；\n]*(?:就高不重复|不重复享受|从高不重复|就高原则)[^。；\n]*")
_SENTENCE = re.compile("[。！？；：:]")
_ENDINGS = ("。", "；", "！", "？", "：", "”", ":", ";")
LONGEST_TITLE_LINE = 60
LONGEST_HEADING = 30
CLOSING = "附则"


@dataclass(frozen=True, slots=True)
class Article:
    """One article: ``number`` as it is cited, ``text`` verbatim with its own number."""

    number: str
    chapter: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What could be told of a notice; blank or None where nothing was found."""

    title: str
    number: str
    issuer: str
    issued: date | None
    effective: date | None
    expires: date | None
    interpreter: str
    stacking: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class _Heading:
    """A numbered paragraph: which way of numbering (0 is the coarsest), number and the rest."""

    level: int
    number: str
    rest: str


_LEVELS = (_CHAPTER_WORD, _ARTICLE_WORD, _COUNTED, _BRACKETED, _DIGIT)
_CHAPTER, _ARTICLE, _COUNT, _BRACKET, _FIGURE = range(len(_LEVELS))


def cut(paragraphs: Sequence[str]) -> Notice:
    """Cut a notice into its parts."""
    headings = [_heading(each) for each in paragraphs]
    level = _article_level(headings)
    first = next(
        (at for at, each in enumerate(headings) if each and each.level <= level), len(paragraphs)
    )
    front = list(paragraphs[:first])
    body_end = _body_end(paragraphs, headings, first)
    articles = _articles(paragraphs[first:body_end], headings[first:body_end], level)
    whole_text = "\n".join(paragraphs)
    issued = _issued(paragraphs)
    effective = _effective(whole_text, issued)
    interpreter = _INTERPRETER.search(whole_text)
    stacking = _STACKING.search(whole_text)
    title = _title(front)
    return Notice(
        title=title,
        number=_first(_NUMBER, whole_text),
        issuer=_issuer(paragraphs, title),
        issued=issued,
        effective=effective,
        expires=_expires(whole_text, effective),
        interpreter="" if interpreter is None else interpreter["who"].strip(),
        stacking="" if stacking is None else stacking[0].strip(),
        articles=_numbered_apart(articles),
    )


# --- articles -------------------------------------------------------------------------------------


def _heading(paragraph: str) -> _Heading | None:
    for level, pattern in enumerate(_LEVELS):
        found = pattern.match(paragraph)
        if found:
            return _Heading(level, found[1], found[2])
    return None


def _article_level(headings: Sequence[_Heading | None]) -> int:
    """Which way of numbering the articles use."""
    count = [
        sum(each is not None and each.level == level for each in headings)
        for level in range(len(_LEVELS))
    ]
    for level in (_ARTICLE, _BRACKET):
        if count[level] >= 2:
            return level
    if count[_COUNT] >= 1:
        return _COUNT
    return _FIGURE if count[_FIGURE] else _BRACKET


def _body_end(paragraphs: Sequence[str], headings: Sequence[_Heading | None], first: int) -> int:
    """Where signatures and annexes begin: a day or an annex by itself behind the last article."""
    last = max((at for at, each in enumerate(headings) if each), default=first)
    for at in range(last + 1, len(paragraphs)):
        text = paragraphs[at]
        if text.startswith(("附件", "（此件", "(此件")) or (len(text) < 20 and find_day(text)):
            before = paragraphs[at - 1]
            return at - 1 if at - 1 > last and _is_organisation(before) else at
    return len(paragraphs)


def _articles(
    paragraphs: Sequence[str], headings: Sequence[_Heading | None], level: int
) -> list[Article]:
    """The articles in order. What a chapter says before its first article is one of its own."""
    articles: list[Article] = []
    chapter = _Heading(_CHAPTER, "", "")
    chapter_text = ""
    for text, heading in zip(paragraphs, headings, strict=True):
        opens = heading is not None and heading.level <= level
        if heading is not None and opens and heading.level < level and _is_short(text):
            chapter, chapter_text = heading, text
        elif heading is not None and opens:
            of = chapter_text if heading.level == level else ""
            articles.append(Article(heading.number, of, _short_title(heading.rest), text))
        elif _begins_closing(text):
            articles.append(Article(CLOSING, "", "", text))
        elif articles and articles[-1].chapter == chapter_text:
            articles[-1] = replace(articles[-1], text=f"{articles[-1].text}\n{text}")
        else:
            articles.append(Article(chapter.number, chapter_text, "", text))
    return articles


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST_HEADING and not text.endswith("。")


def _begins_closing(text: str) -> bool:
    """Whether a paragraph without a number speaks of the whole notice: 本措施由……负责解释."""
    return bool(re.match("(?:本|以上|上述)(?:措施|政策|办法|意见|细则|规定|方案|通知|条款)", text))


def _short_title(rest: str) -> str:
    """The words before the first full stop, where they are short enough to be a title."""
    head = _SENTENCE.split(rest, maxsplit=1)[0].strip()
    return head if 0 < len(head) <= LONGEST_HEADING and head != rest.strip("。") else ""


def _numbered_apart(articles: Sequence[Article]) -> tuple[Article, ...]:
    """Number every article apart: 六; where each chapter begins anew, 二（一）."""

    def short(number: str) -> str:
        value = whole(number)
        return numeral(value) if value is not None and value < 100 else number

    plain = [replace(each, number=short(each.number)) for each in articles]
    numbers = [each.number for each in plain]
    if len(set(numbers)) == len(numbers):
        return tuple(plain)
    found: list[Article] = []
    taken: set[str] = set()
    for each in plain:
        chapter = _heading(each.chapter)
        number = each.number if chapter is None else f"{short(chapter.number)}（{each.number}）"
        unique, at = number, 1
        while unique in taken:
            at += 1
            unique = f"{number}-{at}"
        taken.add(unique)
        found.append(replace(each, number=unique))
    return tuple(found)


# --- the document ---------------------------------------------------------------------------------


def _title(front: Sequence[str]) -> str:
    """The last title before the text begins: lines that end no sentence and name a policy."""
    blocks: list[list[str]] = [[]]
    for line in front:
        if _may_be_title(line):
            blocks[-1].append(line)
        else:
            blocks.append([])
    titles = ["".join(block) for block in blocks if block]
    return next((each for each in reversed(titles) if _TITLE_WORDS.search(each)), "")


def _may_be_title(line: str) -> bool:
    ends_or_opens = line.endswith(_ENDINGS) or line.startswith(("（", "("))
    return not (
        ends_or_opens
        or len(line) > LONGEST_TITLE_LINE
        or _is_organisation(line)
        or find_day(line)
        or _NUMBER.search(line)
    )


def _is_organisation(line: str) -> bool:
    return len(line) <= 40 and bool(_ORGANISATION.fullmatch(line))


def _issuer(paragraphs: Sequence[str], title: str) -> str:
    for line in paragraphs:
        if _is_organisation(line):
            return line
    found = _FROM_TITLE.match(title)
    return "" if found is None else found[1]


def _issued(paragraphs: Sequence[str]) -> date | None:
    """成文日期: a day that is a paragraph by itself; the last such one."""
    days = [find_day(each) for each in paragraphs if len(each) <= 16]
    return next((each for each in reversed(days) if each), None)


def _effective(text: str, issued: date | None) -> date | None:
    found = _SINCE_DAY.search(text)
    day = None if found is None else find_day(found[1])
    if day is not None:
        return day
    return issued if _SINCE_ISSUED.search(text) else None


def _expires(text: str, effective: date | None) -> date | None:
    for found in _UNTIL.finditer(text):
        if "有效期" in found[0] or "执行" in found[0] or found[0].endswith(("止", "废止", "失效")):
            day = find_day(found[1])
            if day is not None:
                return day
    years = _FOR_YEARS.search(text)
    count = None if years is None else whole(years[1])
    if effective is None or not count:
        return None
    try:
        after = effective.replace(year=effective.year + count)
    except ValueError:  # 29 February
        after = effective.replace(year=effective.year + count, day=28)
    return date.fromordinal(after.toordinal() - 1)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return "" if found is None else found[0]
