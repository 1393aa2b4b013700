"""What a drafter must place: every amount, rate, limit, day, quota and boundary word of an article.

A proposal is a piece of the text with what it may be and how it would be spelled in a cell. It is
never live: a person moves it into a table, or says that it is not needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from authoring.grammar import Vocabulary, make_vocabulary, read_condition
from authoring.notice.structure import Article
from authoring.numerals import NUMERAL, whole
from engine.model import Field
from engine.notation import EXCEPT, EXCEPT_END, SINCE, THE_DAY
from engine.phrase import phrase_test
from engine.types import FieldType, MoneyType, QuantityType, RateType


class Matter(StrEnum):
    """What a piece of a text may be."""

    AMOUNT = "金额"
    RATE = "比例"
    CEILING = "上限"
    FLOOR = "下限"
    RANGE = "区间"
    THRESHOLD = "门槛"
    PER_UNIT = "按单位计算"
    BRACKET = "分段"
    """Only the part of the base beyond or below a limit: 部分."""
    GROWTH = "增幅"
    """How much more than before: 较上年增长20%以上."""
    INTENSITY = "亩均、人均"
    """A limit for each unit: 亩均投资强度不低于200万元."""
    POINTS = "百分点"
    """What is added to a rate, not to what it gives: 提高0.5个百分点."""
    FIRST = "首次"
    PROMOTION = "晋级"
    QUOTA = "名额"
    PLAN = "分期兑付"
    PERIOD = "期限"
    TERM = "年限"
    """How many years something is given or holds: 期限3年, 连续三年."""
    YEARS = "第几年"
    """Years that are told apart: 前两年, 后三年, 第3至5年."""
    SINCE = "起算日"
    """From which day a time is counted: 自认定之日起."""
    EXCLUSION = "除外"
    TOP_UP = "补差"
    DAY = "日期"
    EXPIRY = "有效期"
    DISCRETION = "一事一议"
    REGULATION = "另有规定"
    STACKING = "同类处理"
    BOUNDARY = "边界词"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A piece of an article: its sentence, the words found, what they may be, and where they go.

    ``spelling`` is how a cell would say it; empty where that takes a person.
    """

    article: str
    sentence: str
    words: str
    matter: Matter
    spelling: str
    goes_to: str


_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?"
_CHINESE = rf"(?:{NUMERAL}|[千万亿])+"
_MONEY_UNIT = r"(?:万|亿|千万|百万|千)?(?:美元|欧元|港元|港币|日元|英镑|元)(?:人民币)?"
_MONEY = rf"(?:{_DIGITS}|{_CHINESE})\s*{_MONEY_UNIT}"
_RATE = rf"(?:{_DIGITS}\s*[%‰％]|(?:百|千)分之(?:{_DIGITS}|{NUMERAL}+))"
_COUNT = rf"(?:{_DIGITS}|{NUMERAL}+)\s*(?:平方米|㎡|亩|人|名|家|个|项|次|场|年|个月|月|天|日|小时)"
_NUMBER = rf"(?:{_MONEY}|{_RATE}|{_COUNT})"
_PLACES = rf"(?:{_DIGITS}|{NUMERAL}+)\s*(?:个|名|家|项)"
_INCLUDED = r"(?:[（(](?:含|不含)(?:本数|" + _NUMBER + r")?[）)])?"
_BEFORE = (
    "未达到|未超过|不低于|不少于|不高于|不超过|不满|未满|超过|高于|大于|低于|少于|小于|达到|满"
)
_AFTER = "(?:及|或)?以上|(?:及|或)?以下|以内|以外"
_CEILINGS = "最高不超过|最高给予|最高可达|最高|不超过|最多|上限为?|封顶"
_FLOORS = "最低不低于|最低|不低于|保底"
_DAY = (
    rf"(?:\d{{4}}|{NUMERAL}{{4}})年(?:\d{{1,2}}|{NUMERAL}{{1,3}})月(?:\d{{1,2}}|{NUMERAL}{{1,3}})日"
)

_YEARLY, _IN_ALL = "每年度?|年度|当年|全年", "累计|总计|合计"
_EACH_ONE = "(?:单个|同一|每[个家户]|单[家户])"
_WHOM = rf"{_EACH_ONE}(?:企业|项目|单位|机构|主体|平台|个人|申报人)?[^。；，\d]{{0,4}}?"
_MOST = rf"(?:{_WHOM})?(?:{_YEARLY}|{_IN_ALL})*(?:{_CEILINGS})\s*"
_BETWEEN = r"\s*(?:—+|－|-|~|～|至|到)\s*"
_LIMITED = (
    rf"(?:{_BEFORE})\s*{_NUMBER}{_INCLUDED}",
    rf"{_NUMBER}{_INCLUDED}\s*(?:{_AFTER}){_INCLUDED}",
)
_SPAN = rf"(?:{_NUMBER}|{_DIGITS}){_INCLUDED}{_BETWEEN}{_NUMBER}{_INCLUDED}"
_INSTALMENTS = rf"分(?:\d|{NUMERAL})(?:年|期|次)"
_SHARES = rf"(?:{_RATE}[、，和]?)+"
_EACH = "平方米|㎡|亩|人|名|家|个|项|年|月|场|度电"
_NUMERAL = rf"(?:\d+|{NUMERAL}+)"
_AT_LEAST = "不低于|不少于|高于|大于|超过|达到|满"
_FOR_EACH = r"(?:亩均|人均|户均|地均|单位面积|每亩|每平方米)[^。；，\d补奖给按]{0,12}?"
_THAN_BEFORE = r"(?:较|比)(?:上|去|前|同|基)[^。；，\d]{0,8}?|同比|环比|年均"
_FROM_DAY = r"自[^。；，、自]{1,20}?之日起"
_YEARS = rf"{_NUMERAL}(?:年|个月|个?(?:完整)?会计年度|个?纳税年度)"


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_PATTERNS: tuple[tuple[Matter, re.Pattern[str]], ...] = (
    (
        Matter.EXPIRY,
        _any_of(
            rf"有效期限?(?:为|是)?{_NUMERAL}年",
            rf"有效期限?[^。；，]{{0,20}}?至{_DAY}(?:止|终止|废止|失效)?",
        ),
    ),
    (
        Matter.POINTS,
        _any_of(
            rf"(?:再?(?:提高|上浮|增加|上调|降低|下调|下浮))?\s*"
            rf"(?:{_DIGITS}|{NUMERAL}+)个百分点(?:{_AFTER})?"
        ),
    ),
    (
        Matter.GROWTH,
        _any_of(
            rf"(?<!每)(?:{_THAN_BEFORE})+(?:增长|增加|提高|上升)(?:率|幅度|额)?(?:为|在)?"
            rf"(?:{'|'.join(_LIMITED)}|{_NUMBER})",
            rf"(?<!每)(?:增长率?|增幅|增速)(?:为|在)?(?:{'|'.join(_LIMITED)}|{_RATE})",
        ),
    ),
    (
        Matter.INTENSITY,
        _any_of(
            rf"{_FOR_EACH}(?:{_AT_LEAST})\s*{_NUMBER}{_INCLUDED}",
            rf"{_FOR_EACH}{_NUMBER}{_INCLUDED}\s*(?:及|或)?以上{_INCLUDED}",
        ),
    ),
    (Matter.DAY, _any_of(rf"{_DAY}(?:起|前|后|以前|以后|止)?")),
    (
        Matter.PLAN,
        _any_of(
            rf"{_INSTALMENTS}[^。；，\d]{{0,8}}{_SHARES}",
            rf"{_INSTALMENTS}(?=[发拨兑给])",
        ),
    ),
    (
        Matter.YEARS,
        _any_of(
            rf"[前后首头]{_YEARS}(?!以?[内上下]|之内|平均)",
            rf"第{_NUMERAL}年?(?:{_BETWEEN}|[、和])第?{_NUMERAL}年",
            rf"第{_NUMERAL}年",
        ),
    ),
    (
        Matter.TERM,
        _any_of(
            rf"(?:补贴|补助|奖励|支持|资助|扶持|享受|服务|租赁|承诺|优惠)?(?:期限|年限|期)"
            rf"(?:最长|不超过|一般|原则上|为|达到|达)*{_YEARS}(?:{_AFTER})?",
            rf"(?:连续|最长|最多)(?:不超过|享受|补贴|支持|给予|奖励)*{_YEARS}",
            rf"为期{_YEARS}",
        ),
    ),
    (
        Matter.PERIOD,
        _any_of(
            rf"(?:{_FROM_DAY})?(?:{_DIGITS}|{NUMERAL}+)个?(?:月|年|日|天|工作日)(?:以内|之内|内)"
        ),
    ),
    (
        Matter.SINCE,
        _any_of(rf"{_FROM_DAY}(?:的?第[^。；，]{{1,6}}?年起?)?"),
    ),
    (
        Matter.PER_UNIT,
        _any_of(
            rf"(?!每(?:年|个|家|户)[^。；，\d]{{0,8}}(?:{_CEILINGS}))每(?:满|新增|增加|引进|引荐)?(?:{_DIGITS})?(?:{_EACH})[^。；，\d]{{0,10}}{_MONEY}",
            rf"{_MONEY}(?:/(?:{_EACH})){{1,2}}",
            rf"{_MONEY}每(?:{_EACH})(?:每(?:{_EACH}))?",
        ),
    ),
    (Matter.BRACKET, _any_of(*(rf"(?:{each})的?部分" for each in (*_LIMITED, _SPAN)))),
    (Matter.RANGE, _any_of(_SPAN)),
    (Matter.QUOTA, _any_of(rf"{_MOST}{_PLACES}")),
    (Matter.CEILING, _any_of(rf"{_MOST}{_NUMBER}")),
    (Matter.THRESHOLD, _any_of(*_LIMITED)),
    (Matter.FLOOR, _any_of(rf"(?:{_FLOORS})\s*{_NUMBER}")),
    (Matter.RATE, _any_of(_RATE)),
    (Matter.AMOUNT, _any_of(_MONEY)),
    (Matter.QUOTA, _any_of(rf"{_PLACES}(?![内月])")),
    (
        Matter.FIRST,
        _any_of(
            "(?:首次|初次|首批|首家|新)"
            "(?:认定|获评|获得|获批|入选|入库|上规|纳统|评定|评为|列入|通过|达到|突破|上市)",
            "首次|初次",
        ),
    ),
    (
        Matter.PROMOTION,
        _any_of(
            "由[^。；，、]{1,12}?(?:晋升|晋级|升级|提升|升)[为至到][^。；，、的]{1,10}",
            "(?:晋升|晋级|升级|提升)为[^。；，、的]{1,10}",
            "晋升|晋级|提档升级",
        ),
    ),
    (Matter.DISCRETION, _any_of("一事一议")),
    (
        Matter.REGULATION,
        _any_of("按照?(?:有关|相关|国家|省|市)?[^。；，]{0,10}?(?:规定|政策)(?:执行|给予|予以)?"),
    ),
    (
        Matter.STACKING,
        _any_of("就高不重复", "从高不重复", "不?得?重复享受", "可?叠加享受"),
    ),
    (
        Matter.TOP_UP,
        _any_of(
            "补足(?:其|至|到)?[^。；，]{0,10}?差额(?:部分)?",
            "差额(?:部分)?[^。；，]{0,6}?补足",
            "补足(?:其|至|到)?(?:差额)?",
        ),
    ),
    (
        Matter.EXCLUSION,
        _any_of(
            r"[（(][^（()）]{1,30}?除外[)）]",
            rf"(?!{NUMERAL}{{1,4}}、)[^。；，（()）、]{{1,16}}?(?:、[^。；，（()）、]{{1,16}}?){{0,12}}除外",
            r"除[^。；，（()）]{1,30}?(?:以外|之外|外)(?!币|资|商|籍|贸|汇|地|国|省|市)",
            r"不(?:含|包括)(?!本数)[^。；，（()）\d]{1,20}",
        ),
    ),
    (Matter.BOUNDARY, _any_of(_AFTER, "不满|未满|左右|以前|以后|之前|之后")),
)
"""Tried in this order; what one has taken is not looked at again."""

GOES_TO = {
    Matter.AMOUNT: "措施表的“金额”",
    Matter.RATE: "措施表的“金额”（写成“某指标的5‰”），或条件",
    Matter.CEILING: "措施表的“最高限额”；没有计算标准时写在“金额”",
    Matter.FLOOR: "措施表的“最低”，或条件",
    Matter.RANGE: "条件；奖励的幅度写在“金额”",
    Matter.THRESHOLD: "条件",
    Matter.BRACKET: "措施表的“金额”（写成“分段(投资额; …)”）",
    Matter.PER_UNIT: "措施表的“金额”（写成“面积 × 2000元/平方米”）",
    Matter.QUOTA: "“评选”表的“名额”，或条件",
    Matter.PLAN: "措施表的“分期”",
    Matter.PERIOD: (
        "条件：写在申请日期这类说“哪一天办的”的列里，如“认定日期起12个月内”；"
        "不写在起算的那个日期自己的列里（那样总是成立）"
    ),
    Matter.TERM: (
        "分几年发钱的写措施表的“分期”；多少年以内才给的写条件（在申请日期那一列写“认定日期起3年内”）；"
        "按月、按年算的，金额里乘月数、年数"
    ),
    Matter.YEARS: (
        "条件：加一个数量指标（单位 年），前两年写“≤ 2”，第3至5年写“> 2 且 ≤ 5”，各写一行；"
        "或在申请日期那一列写“认定日期起2年内”"
    ),
    Matter.SINCE: (
        "条件：在申请日期那一列写“认定日期起12个月内”，不写在起算的那个日期自己的列里；"
        "是政策的施行日期的，写“政策”表"
    ),
    Matter.GROWTH: (
        "条件式：两年各加一个指标，写成“增幅(某指标; 上年某指标) ≥ 20%”；"
        "上年可能是 0 的，写“某指标 ≥ 上年某指标 × 120%”"
    ),
    Matter.INTENSITY: (
        "条件：加一个单位是“万元/亩”这类的指标；"
        "或条件式，写成“固定资产投资 ÷ 用地面积 ≥ 200万元/亩”"
    ),
    Matter.POINTS: (
        "措施表的“金额”，两种比例都写出来，如“如果 … 则 某指标的1.5% 否则 某指标的1%”；"
        "不写“上浮”（那是在奖励额上再加几成）"
    ),
    Matter.FIRST: (
        "条件：加一个是否类的指标（如“首次认定”）写“是”；"
        "分级别的，加一个单选的指标（如“首次认定级别”），各写一行"
    ),
    Matter.PROMOTION: (
        "条件：另写一行；和“首次”不会同时成立的，用同一个单选的指标来分（如“首次认定”“晋级”两个值）；"
        "补差额的，金额写“补足至200万元（已享受 某指标）”"
    ),
    Matter.EXCLUSION: "条件（写成“除房地产外”）；排除的是别的事，加一个是否类的指标",
    Matter.TOP_UP: "措施表的“金额”（写成“补足至100万元（已享受 某指标）”）",
    Matter.DAY: "“政策”表、条件，或规则的“生效”“失效”",
    Matter.EXPIRY: "“政策”表的“失效日期”：能算出来的已经填好，请核对",
    Matter.DISCRETION: "措施表的“金额”，写“一事一议”",
    Matter.REGULATION: "措施表的“金额”，写“按有关规定”",
    Matter.STACKING: (
        "“同类组”表：写一个组，再在措施表的“同类组”列写组名，这样才起作用；"
        "“政策”表的“同类政策”只是抄下原话，不参与计算"
    ),
    Matter.BOUNDARY: "请核对含不含本数",
}
_CEILING_OF_RATE = "措施表的“金额”（写成“某指标的最高2%”）"
_CEILING_OF_QUANTITY = (
    "措施表的“金额”（数量封顶，写成“取小(面积; 1000平方米) × 30元/平方米”），或条件"
)
_OF_A_YEAR = "措施表的“年度上限”（后面写“（已享受 某指标）”）"
_OF_ALL_YEARS = "措施表的“累计上限”（后面写“（已享受 某指标）”）"
_OF_ONE_FIRM = "；一家有几行、几个项目的，合起来封顶要另写“同类组”（合计封顶）"
_CEILINGS_OVER_TIME = (
    (re.compile(_YEARLY), _OF_A_YEAR),
    (re.compile(_IN_ALL), _OF_ALL_YEARS),
)
_ONE_FIRM = re.compile(f"{_EACH_ONE}(?:企业|单位|机构|主体|申报人)")
_PER_TIME = (
    "措施表的“金额”（写成“面积 × 30元/平方米 × 月数”：再乘月数、年数；"
    "每年各算一次的，只写一年的金额）"
)
_TIME_INSIDE = re.compile(r"每个?[月年]|/[月年]")
_RATE_INSIDE = re.compile(_RATE)
_MONEY_INSIDE = re.compile(_MONEY)
_LISTED = re.compile(r"\s*(?:和|、|及|与|或者?)\s*")
_LEFT_OUT = re.compile(
    r"[（(]?(?:除(?P<within>.+?)(?:以外|之外|外)|(?P<before>.+?)除外|不(?:含|包括)(?P<without>.+))[)）]?"
)
_CLAUSE_END = "的"
"""享受过同类补贴的除外 leaves out what is no code."""
_APART = re.compile(r"、|以及|和|及|与|或")
_SENTENCE = re.compile(r"[^。；！？\n]+[。；！？]?")
_CHINESE_RATE = re.compile(rf"(?P<of>[百千])分之(?P<count>{_DIGITS}|{NUMERAL}+)")
_NUMERALS = re.compile(rf"^{NUMERAL}+")
_LIMIT = _any_of(*_LIMITED)
_PER = re.compile("每?(亩|人|户|平方米)均?")
_CONDITIONS = (Matter.THRESHOLD, Matter.RANGE)


def propose(article: Article) -> tuple[Proposal, ...]:
    """Everything in an article that has to be placed, in the order of the text."""
    return tuple(
        Proposal(
            article.number,
            sentence.strip(),
            words,
            matter,
            _spell(words, matter),
            _place_of(words, matter),
        )
        for sentence in _SENTENCE.findall(article.text)
        for words, matter in _pieces(sentence)
    )


def _place_of(words: str, matter: Matter) -> str:
    if matter is Matter.CEILING:
        return _place_of_ceiling(words)
    if matter is Matter.PER_UNIT and _TIME_INSIDE.search(words):
        return _PER_TIME
    return GOES_TO[matter]


def _place_of_ceiling(words: str) -> str:
    if _RATE_INSIDE.search(words):
        return _CEILING_OF_RATE
    if not _MONEY_INSIDE.search(words):
        return _CEILING_OF_QUANTITY
    place = next(
        (place for spell, place in _CEILINGS_OVER_TIME if spell.search(words)),
        GOES_TO[Matter.CEILING],
    )
    return place + (_OF_ONE_FIRM if _ONE_FIRM.match(words) else "")


def _pieces(sentence: str) -> Iterator[tuple[str, Matter]]:
    found: list[tuple[int, int, Matter]] = []
    for matter, pattern in _PATTERNS:
        for each in pattern.finditer(sentence):
            start, end = each.span()
            if end > start and all(end <= low or high <= start for low, high, _ in found):
                found.append((start, end, matter))
    ceiling_ends = -1
    for start, end, matter in sorted(found):
        if ceiling_ends >= 0 and matter in (Matter.AMOUNT, Matter.RATE):
            # 分别给予最高600万元和200万元: both are ceilings.
            listed = _LISTED.fullmatch(sentence, ceiling_ends, start)
            matter = Matter.CEILING if listed else matter
        ceiling_ends = end if matter is Matter.CEILING else -1
        yield sentence[start:end].strip(), matter


def _spell(words: str, matter: Matter) -> str:
    """How a cell would say it, in the canonical spelling, if the cell language reads it."""
    text = _CHINESE_RATE.sub(_rate, words)
    match matter:
        case Matter.DISCRETION:
            return "一事一议"
        case Matter.REGULATION:
            return "按有关规定"
        case Matter.CEILING:
            return f"最高{re.sub(f'^(?:{_MOST})', '', text).strip()}"
        case Matter.QUOTA:
            count = re.search(rf"{_DIGITS}|{NUMERAL}+", text)
            number = None if count is None else whole(count[0])
            return "" if number is None else str(number)
        case Matter.EXCLUSION:
            return _excluded(text)
        case Matter.PERIOD:
            return _from_day(text)
        case Matter.RATE | Matter.AMOUNT | Matter.PLAN:
            return text
        case Matter.GROWTH | Matter.INTENSITY:
            limit = _LIMIT.search(text)
            per = _PER.match(text) if matter is Matter.INTENSITY else None
            spelled = "" if limit is None else _spell_condition(limit[0])
            return f"{spelled}/{per[1]}" if spelled and per else spelled
    return _spell_condition(text) if matter in _CONDITIONS else ""


def _spell_condition(text: str) -> str:
    type_ = _type_of(text)
    if type_ is None:
        return ""
    field = Field("数", type_)
    test, findings = read_condition(text, field, "", _no_words(), None)
    return "" if test is None or findings else phrase_test(test, field, {})


def _excluded(text: str) -> str:
    """除房地产外, of what is left out in whatever words; a person looks for the codes."""
    found = _LEFT_OUT.fullmatch(text)
    named = found and (found["within"] or found["before"] or found["without"])
    if not named or named.endswith(_CLAUSE_END):
        return ""
    return f"{EXCEPT}{'、'.join(_APART.split(named))}{EXCEPT_END}"


def _from_day(text: str) -> str:
    """认定日期起12个月内, of 自认定之日起12个月内."""
    day, _, rest = text.removeprefix("自").partition(f"{THE_DAY}{SINCE}")
    return f"{day}日期{SINCE}{_NUMERALS.sub(_digits, rest)}" if rest else ""


def _digits(found: re.Match[str]) -> str:
    count = whole(found[0])
    return found[0] if count is None else str(count)


@cache
def _no_words() -> Vocabulary:
    """Limits are spelled alike in every policy."""
    return make_vocabulary({}, {})


def _rate(found: re.Match[str]) -> str:
    count = whole(found["count"])
    sign = "%" if found["of"] == "百" else "‰"
    return f"{found['count'] if count is None else count}{sign}"


def _type_of(text: str) -> FieldType | None:
    if re.search(_MONEY, text):
        return MoneyType("USD" if "美元" in text else "CNY")
    if re.search(_RATE, text):
        return RateType()
    counted = re.search(r"(平方米|㎡|亩|人|名|家|个月|个|项|次|年|天)", text)
    if counted is None:
        return None
    words = {"㎡": "平方米", "名": "人", "个月": "月", "天": "日"}
    return QuantityType(words.get(counted[0], counted[0]))
