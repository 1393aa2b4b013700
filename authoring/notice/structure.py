"""The paragraphs of a notice -> its title, number, issuer, days, and its articles, verbatim.

Chinese notices number their parts in a few ways, from 第一章 and 第一条 over 一、 and （一） to 1.,
（1） and ①. The articles are 第一条; else the coarsest way that parts the text throughout. Items
of a list (…：（一）…；（二）…) belong to the article that they stand in; items of 第二条 that are
clauses of their own are articles themselves: 二（一）. What stands above articles are chapters.
Where nothing is numbered, every paragraph is an article.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from authoring.numerals import NUMERAL, find_day, numeral, whole

_CHAPTER_WORD = re.compile(rf"第({NUMERAL}+|\d+)[章节]\s*(.*)", re.S)
_ARTICLE_WORD = re.compile(rf"第({NUMERAL}+|\d+)条[、，：:\s]*(.*)", re.S)
_COUNTED = re.compile(rf"({NUMERAL}{{1,4}})[、．.]\s*(.*)", re.S)
_BRACKETED = re.compile(rf"[（(]({NUMERAL}{{1,4}})[）)]\s*(.*)", re.S)
_DIGIT = re.compile(r"(\d{1,3})[.．、](?!\d)\s*(.*)", re.S)
_BRACKETED_DIGIT = re.compile(r"[（(]?(\d{1,2})[）)]\s*(.*)", re.S)
_RINGED = re.compile(r"([①-⑳⑴-⒇])\s*(.*)", re.S)

_NUMBER = re.compile(r"[\u4e00-\u9fffA-Za-z]{2,20}[〔\[［（(【]\d{4}[〕\]］）)】]\d{1,5}号")
_ORGANISATION = re.compile(
    r"[\u4e00-\u9fff（）、\s]{2,60}(?:人民政府|政府办公室|办公室|办公厅|委员会|管委会|局|厅|部|中心)"
)
_FROM_TITLE = re.compile(
    r"(.{2,20}?(?:人民政府|办公室|办公厅|委员会|管委会|局|厅|部))(?:办公室)?(?:印发)?关于"
)
_TITLE_WORDS = re.compile("措施|政策|办法|意见|细则|规定|方案|条例|通知|决定|条款")
_ENDS_TITLE = re.compile(f"(?:{_TITLE_WORDS.pattern})$")
_IN_FORCE_WORDS = "(?:施行|实施|执行|生效)"
_SINCE_ISSUED = re.compile(rf"自(?:发布|印发|公布|颁布|发文)之日起{_IN_FORCE_WORDS}")
_SINCE_DAY = re.compile(rf"自([^。；，]{{6,16}}日)起(?:正式)?(?:开始)?{_IN_FORCE_WORDS}")
_UNTIL = re.compile(
    r"(?:有效期(?:限)?(?:自.{6,20})?|执行期限)?至(.{6,16}?日)(?:止|终止|废止|失效)?"
)
_FOR_YEARS = re.compile(rf"有效期(?:限)?为?({NUMERAL}|\d{{1,2}})年")
_INTERPRETER = re.compile(r"由(?P<who>[^。，；由]{2,60}?)(?:负责|承担)(?:具体)?解释")
_STACKING = re.compile(r"[^。；\n]*(?:就高|从高|择高|不重复享受)[^。；\n]*")
_OF_THE_WHOLE = re.compile("同类|本(?:政策|措施|办法|意见|细则|规定|条款)|上述|各项|多项|不同")
"""What a sentence names that holds for the whole policy, and not for its own article alone."""
_TITLE_IN_BRACKETS = re.compile(
    r"[（(【〔\[]([^（）()【】〔〕\[\]，。；：]{2,20})[）)】〕\]]\s*(?=\S)"
)
_TITLE_BEFORE = re.compile(r"([^\s，。；：:！？]{2,30})(?:[。：:]|[ \u3000\t]+)(?=\S)")
_CLAUSE = re.compile(
    "^(?:对|凡|按|自|经|由|从|将|为|本|各|每|符合|根据|依据|依照)|的$"
    "|以下|下列|如下|上述|给予|应当|应(?!用|急)|不得|可以|必须|负责|享受|补足|[‰%％]"
    r"|[\d〇一二三四五六七八九十百千]+(?:\.\d+)?(?:万|亿|元|人|家|个|年|月|日|倍|平方米)"
)
"""What a clause says and a title does not: such words before a stop are half a sentence."""
_ENDINGS = ("。", "；", "！", "？", "：", "”", ":", ";")
_GO_ON = ("；", "：", ";", ":")
_STOPS = ("。", *_GO_ON)
_ANNOUNCES = re.compile(
    "现将.*(?:印发|公布|公告|通知)|(?:已?经|业经).{2,40}(?:同意|通过|审定|审议)"
)
_ADDRESSES = re.compile("[^，。：]{0,6}(?:各|有关|相关)(?:[^。：](?!给予)){2,60}：$")
"""A line that names those whom the notice is for: 各镇人民政府，市各有关单位："""
_LEADING = ("：", ":")
_OPEN = ("；", ";", "，", "、")
"""Behind such a stop the sentence goes on in the next item."""
_SAYS = re.compile(
    "给予|奖励|奖补|补贴|补助|资助|扶持|支持|享受|补足|发放|一事一议|应当|不得|可以|必须|负责"
)
"""What a clause of its own says, and an item of a list of conditions or papers does not."""
_MEASURES = re.compile("支持|奖励|扶持|补贴|补助|措施|政策")
_LEAD = "首段"
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
    numbered: bool = True
    """Whether the notice itself numbers its articles."""


@dataclass(frozen=True, slots=True)
class _Heading:
    """A numbered paragraph: which way of numbering (0 is the coarsest), number and the rest."""

    level: int
    number: str
    rest: str


_LEVELS = (
    _CHAPTER_WORD,
    _ARTICLE_WORD,
    _COUNTED,
    _BRACKETED,
    _DIGIT,
    _BRACKETED_DIGIT,
    _RINGED,
)
_CHAPTER, _ARTICLE, _COUNT, _BRACKET, *_FINER = range(len(_LEVELS))
_UNNUMBERED = len(_LEVELS)
"""The level of articles where nothing is numbered."""


def cut(paragraphs: Sequence[str]) -> Notice:
    """Cut a notice into its parts."""
    headings = [_heading(each) for each in paragraphs]
    level = _article_level(paragraphs, headings)
    if level == _UNNUMBERED:
        headings = _counted(paragraphs)
    first = next(
        (at for at, each in enumerate(headings) if each and each.level <= level), len(paragraphs)
    )
    front = list(paragraphs[:first])
    body_end = _body_end(paragraphs, headings, first)
    parts = _parts(paragraphs[first:body_end], headings[first:body_end], level)
    whole_text = "\n".join(paragraphs)
    issued = _issued(paragraphs)
    effective = _effective(whole_text, issued)
    interpreter = _INTERPRETER.search(whole_text)
    stacking = (each[0].strip() for each in _STACKING.finditer(whole_text))
    title = _title(front)
    return Notice(
        title=title,
        number=_first(_NUMBER, whole_text),
        issuer=_issuer(paragraphs, title),
        issued=issued,
        effective=effective,
        expires=_expires(whole_text, effective),
        interpreter="" if interpreter is None else interpreter["who"].strip(),
        stacking=next(filter(_OF_THE_WHOLE.search, stacking), ""),
        articles=_numbered_apart(parts, level),
        numbered=level != _UNNUMBERED,
    )


# --- articles -------------------------------------------------------------------------------------


def _heading(paragraph: str) -> _Heading | None:
    for level, pattern in enumerate(_LEVELS):
        found = pattern.match(paragraph)
        if found:
            number = found[1]
            if level == len(_LEVELS) - 1:
                number = f"{unicodedata.numeric(number):g}"
            return _Heading(level, number, found[2])
    return None


def _article_level(paragraphs: Sequence[str], headings: Sequence[_Heading | None]) -> int:
    """Which way of numbering the articles use."""
    count = [
        sum(each is not None and each.level == level for each in headings)
        for level in range(len(_LEVELS))
    ]
    present = [level for level in range(_ARTICLE, len(_LEVELS)) if count[level]]
    if not present:
        return _UNNUMBERED
    if count[_ARTICLE] >= 2 or present == [_ARTICLE]:
        return _ARTICLE
    bracketed = count[_BRACKET] >= 2 or present[0] == _BRACKET
    if bracketed and not _is_list(_BRACKET, paragraphs, headings):
        return _BRACKET
    if present[0] == _ARTICLE:
        present = present[1:]
    finer = (each for each in present[1:] if each in _FINER)
    return next(
        (each for each in finer if _parts_throughout(each, paragraphs, headings)), present[0]
    )


def _is_list(level: int, paragraphs: Sequence[str], headings: Sequence[_Heading | None]) -> bool:
    """Whether what is numbered so are items of lists: after a colon, or with semicolons."""
    items, leads, semicolons = 0, 0, 0
    for at, each in enumerate(headings):
        if each is None or each.level != level:
            continue
        items += 1
        semicolons += paragraphs[at].endswith(("；", ";"))
        before = headings[at - 1] if at else None
        leads += (
            before is not None and before.level < level and paragraphs[at - 1].endswith(("：", ":"))
        )
    parts = sum(each is not None and _CHAPTER < each.level < level for each in headings)
    return bool(parts) and (2 * semicolons >= items or 2 * leads >= parts)


def _parts_throughout(
    level: int, paragraphs: Sequence[str], headings: Sequence[_Heading | None]
) -> bool:
    """Whether every heading above a level stands for nothing but what is numbered below it."""
    last = None
    for at, each in enumerate(headings):
        if each is None or each.level >= level or not _is_short(paragraphs[at]):
            continue
        below = headings[at + 1] if at + 1 < len(headings) else None
        if below is None or below.level <= each.level:
            return False
        last = below.level if last is None else max(last, below.level)
    return last == level and not _is_list(level, paragraphs, headings)


def _counted(paragraphs: Sequence[str]) -> list[_Heading | None]:
    """Number the paragraphs of a notice that numbers none, from its first whole sentence on."""
    headings: list[_Heading | None] = []
    number = 0
    before = ""
    entitled = False
    for each in paragraphs:
        told = each.endswith(_STOPS) and not _ANNOUNCES.match(each) and not _ADDRESSES.match(each)
        heading = None
        if told and not before.endswith(_GO_ON) and not _begins_closing(each):
            number += 1
            heading = _Heading(_UNNUMBERED, str(number), each)
        elif (number or entitled) and not each.endswith(_ENDINGS) and _may_be_heading(each):
            heading = _Heading(_CHAPTER, "", each)
        headings.append(heading)
        before = each if told else ""
        entitled = bool(_ENDS_TITLE.search(each))
    return headings


def _may_be_heading(line: str) -> bool:
    """Whether a line without number stands over what follows, and is no signature or annex."""
    return _is_short(line) and not (
        _TITLE_WORDS.search(line)
        or line.startswith(("（", "(", "附件"))
        or _is_organisation(line)
        or find_day(line)
    )


def _body_end(paragraphs: Sequence[str], headings: Sequence[_Heading | None], first: int) -> int:
    """Where signatures and annexes begin: a day or an annex by itself behind the last article."""
    last = max((at for at, each in enumerate(headings) if each), default=first)
    for at in range(last + 1, len(paragraphs)):
        text = paragraphs[at]
        day = len(text) < 20 and not text.endswith("。") and find_day(text)
        if day or text.startswith(("附件", "（此件", "(此件")):
            before = paragraphs[at - 1]
            return at - 1 if at - 1 > last and _is_organisation(before) else at
    return len(paragraphs)


@dataclass(frozen=True, slots=True)
class _Part:
    """An article with the number of what stands above it, and the paragraphs that it is made of."""

    article: Article
    above: str
    paragraphs: tuple[str, ...]
    leads: bool = False
    """Whether it is what a heading says before its first article; it has the number of that."""

    def with_paragraph(self, text: str) -> _Part:
        article = replace(self.article, text=f"{self.article.text}\n{text}")
        return replace(self, article=article, paragraphs=(*self.paragraphs, text))


def _parts(
    paragraphs: Sequence[str], headings: Sequence[_Heading | None], level: int
) -> list[_Part]:
    """The articles in order. What a chapter says before its first article is one of its own."""
    parts: list[_Part] = []
    above = _Heading(_CHAPTER, "", "")
    chapter = ""
    goes_on = False
    below = [*headings, _Heading(_CHAPTER, "", "")][1:]
    for text, heading, next_heading in zip(paragraphs, headings, below, strict=True):
        if heading is None or heading.level > level:
            if _begins_closing(text):
                parts.append(_Part(Article(CLOSING, "", "", text), "", (text,)))
            elif goes_on:
                parts[-1] = parts[-1].with_paragraph(text)
            else:
                led = Article(_number_of_lead(above), chapter, "", text)
                parts.append(_Part(led, "", (text,), leads=True))
            goes_on = True
            continue
        if heading.level < level:
            above, chapter, goes_on = heading, text if _is_short(text) else "", False
        if heading.level == level or not _is_short(text):
            alone = next_heading is None or next_heading.level > level
            title = _short_title(heading.rest, alone=alone)
            of = above.number if heading.level == level else ""
            parts.append(_Part(Article(heading.number, chapter, title, text), of, (text,)))
            goes_on = True
    return parts


def _number_of_lead(above: _Heading) -> str:
    """How the words below a heading are cited that stand above its articles: as the heading is."""
    if not above.number:
        return _LEAD
    return f"第{above.number}章" if above.level == _CHAPTER else above.number


def _with_items_apart(article: Article, paragraphs: Sequence[str]) -> Iterator[Article]:
    """An article cut at its items, where each says something for itself: 二（一）, 二（二）…

    ``paragraphs`` are those of the article. What it says above the items stays its own; a mere
    heading stands over them.
    """
    headings = [_heading(each) for each in paragraphs]
    level = next((each.level for each in headings[1:] if each), _UNNUMBERED)
    starts = [at for at, each in enumerate(headings) if at and each and each.level == level]
    if not starts:
        yield article
        return
    ends = [*starts[1:], len(paragraphs)]
    head, items = (
        paragraphs[: starts[0]],
        [paragraphs[a:b] for a, b in zip(starts, ends, strict=True)],
    )
    found = [each for each in (headings[at] for at in starts) if each]
    if len({each.number for each in found}) < len(found) or not _are_clauses(head, items):
        yield article
        return
    chapter = article.chapter
    if len(head) == 1 and _is_short(head[0]):
        chapter = f"{chapter} {head[0]}".strip()
    else:
        yield replace(article, text="\n".join(head))
    for heading, item in zip(found, items, strict=True):
        number = f"{article.number}（{_short_number(heading.number)}）"
        title = _short_title(heading.rest, alone=len(item) > 1)
        yield Article(number, chapter, title, "\n".join(item))


def _are_clauses(head: Sequence[str], items: Sequence[Sequence[str]]) -> bool:
    """Whether items are clauses of their own, and no list that the words above them lead to."""
    led = head[-1].endswith(_LEADING) and not (_is_short(head[-1]) and _names_support(head[-1]))
    if led or len(items) < 2 or any(item[-1].endswith(_OPEN) for item in items):
        return False
    if any(item[0].endswith(_OPEN) for item in items):
        return False
    return 2 * sum(bool(_SAYS.search("".join(item))) for item in items) >= len(items)


def _names_support(line: str) -> bool:
    """Whether a line that ends with a colon is a mere heading of measures: 支持措施："""
    return bool(_MEASURES.search(line)) and not _CLAUSE.search(line.rstrip("：:"))


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST_HEADING and not text.endswith("。")


def _begins_closing(text: str) -> bool:
    """Whether a paragraph without a number speaks of the whole notice: 本措施由……负责解释."""
    return bool(re.match("(?:本|以上|上述)(?:措施|政策|办法|意见|细则|规定|方案|通知|条款)", text))


def _short_title(rest: str, *, alone: bool) -> str:
    """The title that an article begins with; not the first half of its first sentence.

    ``alone`` says that ``rest`` is a line by itself, with the text below it.
    """
    found = _TITLE_IN_BRACKETS.match(rest) or _TITLE_BEFORE.match(rest)
    head = found[1] if found else rest.rstrip("：:") if alone and _is_short(rest) else ""
    return "" if head.endswith(_ENDINGS) or _CLAUSE.search(head) else head.strip()


def _short_number(number: str) -> str:
    value = whole(number)
    return numeral(value) if value is not None and value < 100 else number


def _numbered_apart(parts: Sequence[_Part], level: int) -> tuple[Article, ...]:
    """Number every article apart: 六; where each chapter begins anew, 二（一）.

    What a chapter says before its articles has the number of the chapter.
    """
    plain = [_short_number(each.article.number) for each in parts]
    counted = [number for number, each in zip(plain, parts, strict=True) if not each.leads]
    anew = len(set(counted)) != len(counted)
    cited = [
        f"{_short_number(part.above)}（{number}）" if anew and part.above else number
        for number, part in zip(plain, parts, strict=True)
    ]
    taken = {number for number, part in zip(cited, parts, strict=True) if not part.leads}
    articles: list[Article] = []
    for number, part in zip(cited, parts, strict=True):
        number = f"{number}（{_LEAD}）" if part.leads and number in taken else number
        article = replace(part.article, number=number)
        apart = level == _ARTICLE and not part.leads
        articles += _with_items_apart(article, part.paragraphs) if apart else [article]
    return _unique(articles)


def _unique(articles: Sequence[Article]) -> tuple[Article, ...]:
    found: list[Article] = []
    taken: set[str] = set()
    for each in articles:
        number, at = each.number, 1
        while number in taken:
            at += 1
            number = f"{each.number}-{at}"
        taken.add(number)
        found.append(replace(each, number=number))
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
