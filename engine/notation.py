"""How the cell language is spelt: its words, signs and units.

``authoring.grammar`` reads every spelling; ``engine.phrase`` writes the canonical ones.
Chinese words stand here because they are syntax, as ``max`` is.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from engine.expressions import Comparator, Function

ANYTHING, ANYTHING_WORD = "—", "不限"
NOTHING = "无"
NO_CAP = "不封顶"
DISCRETIONARY = "一事一议"
BY_REGULATION = "按有关规定"
YES_WORD, NO_WORD = "是", "否"
AND, OR, NOT = "且", "或", "非"
IF, THEN, ELSE = "如果", "则", "否则"
AMONG, ALL_AMONG, NOT_AMONG = "属于", "全部属于", "不属于"
EXCEPT, EXCEPT_END = "除", "外"
ABSENT, PRESENT = "空", "非空"
SATISFIES = "满足"
AT_LEAST = "至少"
BRACKETS = "分段"
OF = "的"
TO = "至"
DASH = "—"
CAP, FLOOR = "最高", "最低"
SINCE, INSIDE = "起", "内"
THE_DAY = "之日"
AFTER_WORDS = ("后", "之后", "以后")
INCLUDED, EXCLUDED = "含", "不含"
TOP_UP, RECEIVED = "补足至", "已享受"
BEFORE_CAPS, AFTER_CAPS = "封顶前", "封顶后"
IN_ONE, IN_EQUAL_PARTS, PARTED = "一次性", "等额", "分"
TIMES, OVER, PLUS, MINUS = "×", "÷", "+", "-"

ANYTHING_WORDS = frozenset({ANYTHING, ANYTHING_WORD, "——", "-", "--", "任意", "无要求"})
NO_LIMIT_WORDS = ANYTHING_WORDS | {NO_CAP, "上不封顶", NOTHING}
"""What a column of limits says where there is none."""

SIGNS: Mapping[Comparator, str] = {
    Comparator.EQUAL: "=",
    Comparator.NOT_EQUAL: "≠",
    Comparator.LESS: "<",
    Comparator.AT_MOST: "≤",
    Comparator.GREATER: ">",
    Comparator.AT_LEAST: "≥",
}

COMPARISON_WORDS: Mapping[str, Comparator] = {
    **dict.fromkeys(
        ("不低于", "不少于", "不小于", "大于等于", "大于或等于", "高于或等于", "达到", "达", "满",
         "届满", "至少", "不早于", "自", "从", "不短于"),
        Comparator.AT_LEAST,
    ),
    **dict.fromkeys(("超过", "大于", "高于", "多于", "超出", "晚于", "长于"), Comparator.GREATER),
    **dict.fromkeys(
        ("不超过", "不高于", "不大于", "不多于", "小于等于", "小于或等于", "低于或等于", "至多",
         "最多", "不晚于", "不迟于", "截至", "不长于", "不超出"),
        Comparator.AT_MOST,
    ),
    **dict.fromkeys(
        ("低于", "小于", "少于", "不满", "未满", "不足", "不到", "未达到", "早于", "短于"),
        Comparator.LESS,
    ),
    **dict.fromkeys(("等于", "为"), Comparator.EQUAL),
    **dict.fromkeys(("不等于", "不为", "不是"), Comparator.NOT_EQUAL),
}  # fmt: skip
"""Words before the bound. 以上、以下、以内、届满 include the number, 不满、超过、以外 do not
(Civil Code of the PRC, art. 1259)."""

SUFFIX_WORDS: Mapping[str, Comparator] = {
    **dict.fromkeys(("以上", "及以上", "及其以上", "或以上", "起"), Comparator.AT_LEAST),
    **dict.fromkeys(
        ("以下", "及以下", "及其以下", "或以下", "以内", "之内", "内", "止"), Comparator.AT_MOST
    ),
    **dict.fromkeys(("以外",), Comparator.GREATER),
}
"""Words after the bound."""

FUNCTION_NAMES: Mapping[Function, str] = {
    **{function: function.value for function in Function},
    Function.MAX: "取大",
    Function.MIN: "取小",
}
"""What each function is called in what people read."""

FUNCTION_WORDS: Mapping[str, Function] = {
    **{function.value: function for function in Function},
    "取大": Function.MAX,
    "较大值": Function.MAX,
    "最大值": Function.MAX,
    "取小": Function.MIN,
    "较小值": Function.MIN,
    "最小值": Function.MIN,
}

CAP_WORDS = frozenset({CAP, "最高不超过", "最高给予", "给予最高", "上限", "上限为", "封顶"})
FLOOR_WORDS = frozenset({FLOOR, "最低不低于", "保底", "下限", "下限为"})
BY_REGULATION_WORDS = frozenset(
    {BY_REGULATION, "按照有关规定", "按规定", "按有关规定执行", "按相关规定", "按照相关规定"}
)

MULTIPLIERS: Mapping[str, int] = {
    "": 1,
    "百": 10**2,
    "千": 10**3,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "十亿": 10**9,
    "百亿": 10**10,
    "千亿": 10**11,
    "万亿": 10**12,
}

CURRENCY_WORDS: Mapping[str, str] = {
    "元": "CNY",
    "元人民币": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "港元": "HKD",
    "港币": "HKD",
    "日元": "JPY",
    "英镑": "GBP",
    "新加坡元": "SGD",
}

CURRENCY_NAMES: Mapping[str, str] = {
    code: word for word, code in reversed(list(CURRENCY_WORDS.items()))
}
"""The first spelling of each currency."""

RATE_WORDS: Mapping[str, Fraction] = {"%": Fraction(1, 100), "‰": Fraction(1, 1000)}

COUNTING_WORDS: Mapping[str, str] = {
    **{
        word: word
        for word in ("人", "月", "年", "日", "家", "个", "项", "件", "次", "平方米", "亩", "小时")
    },
    "名": "人",
    "位": "人",
    "个月": "月",
    "天": "日",
    "周年": "年",
    "平米": "平方米",
    "㎡": "平方米",
    "m2": "平方米",
}
"""Units of counted things, each with the word that stands for all its spellings."""

INDIVISIBLE = frozenset(
    {*COUNTING_WORDS.values(), "户", "台", "套", "场", "所", "条", "篇", "种", "辆", "艘"}
    - {"平方米", "亩", "小时"}
)
"""Units of things that come whole."""

AMBIGUOUS_WORDS = frozenset(
    {
        *("左右", "上下", "大约", "大概", "约", "将近", "近", "余", "多", "几"),
        *("以前", "之前", "前", "以后", "之后", "后", "前后"),
    }
)
"""Words that leave a limit open."""

TYPE_WORDS: Mapping[str, str] = {
    "MoneyType": "金额",
    "RateType": "比例",
    "UnitPriceType": "单价",
    "ExchangeRateType": "汇率",
    "QuantityType": "数量",
    "DateType": "日期",
    "YesNoType": "是否",
    "ChoiceType": "单选",
    "MultiChoiceType": "多选",
    "TextType": "文本",
}
