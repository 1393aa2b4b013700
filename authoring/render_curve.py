"""What a project may receive as one number moves, as a drawing (SVG) and a list. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from authoring.money import phrase_sum
from authoring.pages.words import say
from authoring.render_html import PAPER, Html, element
from authoring.widths import display_width
from engine.bends import Shape
from engine.moves import smallest_step
from engine.phrase import phrase_money, phrase_value
from engine.values import Bound, Number
from engine.varying import Barred
from engine.what_if import Bend, Cliff, Curve, Point

HEIGHT, FLAT_HEIGHT = 300, 130
LEFT, RIGHT, TOP, BOTTOM = 96, 24, 34, 40
_MOST_LINES = 5
"""So many lines stand above that of 0元."""
_ROUND = tuple(Fraction(each) for each in ("1", "2", "2.5", "5"))
_LETTER = 6.6
"""Pixels of a letter, of which a Chinese character takes two."""
MOST_MARKED = 9
"""So many cliffs and bends get a number in the drawing and a line in the list."""
_STYLE = """
text { font: 13px "Source Han Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
text { fill: #3d4753; }
.tl-grid { stroke: #e3e8ee; } .tl-axis { stroke: #7a8794; }
.tl-high { fill: none; stroke: #1f5fbf; stroke-width: 2.5; }
.tl-low { fill: none; stroke: #1f5fbf; stroke-width: 1.5; stroke-dasharray: 5 4; }
.tl-band { fill: #dce8f8; }
.tl-cliff { stroke: #9a4f00; stroke-dasharray: 3 3; } .tl-cliff-mark { fill: #9a4f00; }
text.tl-cliff-number { fill: #fff; font-weight: 700; }
.tl-bend { stroke: #1f5fbf; stroke-dasharray: 3 3; } .tl-bend-mark { fill: #1f5fbf; }
.tl-barred { fill: #eceff2; fill-opacity: .9; }
.tl-here { stroke: #0b6643; stroke-width: 1.5; }
.tl-here-mark { fill: #0b6643; stroke: #fff; stroke-width: 2; }
text.tl-here-text { fill: #0b6643; font-weight: 600; }
text.tl-here-text { paint-order: stroke; stroke: #fff; stroke-width: 4px; }
"""


@dataclass(frozen=True, slots=True)
class _Frame:
    """How wide a drawing is, and what there is room for: its letters do not grow with it."""

    width: int
    most_ticks: int
    terse: bool
    class_: str


_FRAMES = (_Frame(900, 5, False, "tl-wide"), _Frame(380, 3, True, "tl-narrow"))


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values and amounts to places in the drawing; ``lines``: the amounts on its left edge,
    from 0元 up."""

    frame: _Frame
    low: Number
    high: Number
    lines: tuple[Number, ...]

    @property
    def height(self) -> int:
        """Where no money comes, there is nothing to show above the line."""
        return HEIGHT if self.lines[-1] else FLAT_HEIGHT

    @property
    def bottom(self) -> int:
        return self.height - BOTTOM

    def x(self, value: Number) -> float:
        share = Fraction(value - self.low) / Fraction(self.high - self.low)
        return LEFT + float(share) * (self.frame.width - LEFT - RIGHT)

    def y(self, amount: Number) -> float:
        share = Fraction(amount) / (self.lines[-1] or 1)
        return self.bottom - float(share) * (self.bottom - TOP)


def render_curve(curve: Curve) -> Html:
    """The drawing, and the cliffs in words."""
    bounded = [
        point
        for point in curve.points
        if not isinstance(point.money.low, float) and not isinstance(point.money.high, float)
    ]
    if len(bounded) < 2:
        return element("p", say("what_if.unbounded"), class_="tl-none")
    marked = _marked(curve)
    uncertain = any(each.money.low != each.money.high for each in bounded)
    return element(
        "div",
        element("h4", say("what_if.on_paper", field=curve.field.name), class_=PAPER),
        element(
            "div",
            *(_drawing(curve, bounded, marked, frame) for frame in _FRAMES),
            class_="tl-curve",
        ),
        *([element("p", say("what_if.legend"), class_="tl-none")] if uncertain else []),
        _list(curve, marked),
        *_left_out(curve),
        class_="tl",
    )


def _marked(curve: Curve) -> tuple[Cliff | Bend, ...]:
    """What gets a number: the cliffs, then the bends for which there is room; by their place."""
    found: tuple[Cliff | Bend, ...] = (*curve.cliffs, *curve.bends)
    return tuple(sorted(found[:MOST_MARKED], key=lambda each: each.above.value))


def _drawing(
    curve: Curve, points: Sequence[Point], marked: Sequence[Cliff | Bend], frame: _Frame
) -> Html:
    most = max(_number(point.money.high) for point in points)
    scale = _Scale(frame, points[0].value, points[-1].value, _amounts(most))
    svg = element(
        "svg",
        element("style", Html(_STYLE)),
        *_axes(curve, scale),
        *_lines(points, scale),
        *_bars(curve, scale),
        *_marks(marked, scale),
        *_place(curve, scale),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {frame.width} {scale.height}",
        width=str(frame.width),
        height=str(scale.height),
    )
    # As a picture it passes where a page lets no drawing through, and nothing in it can act.
    source = "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()
    told = say("what_if.drawing", field=curve.field.name)
    return element("img", src=source, alt=told, class_=frame.class_)


def _axes(curve: Curve, scale: _Scale) -> Iterator[Html]:
    right = scale.frame.width - RIGHT
    for amount in scale.lines:
        y = scale.y(amount)
        yield _line(LEFT, y, right, y, "tl-grid")
        yield _text(LEFT - 8, y + 4, phrase_money(amount), "end")
    step = Fraction(smallest_step(curve.field.type))
    for value in _values(scale.low, scale.high, scale.frame.most_ticks, step):
        x, told = scale.x(value), _spell(curve, value)
        reaches = x + display_width(told) * _LETTER / 2
        yield _line(x, scale.bottom, x, scale.bottom + 4, "tl-axis")
        if reaches <= scale.frame.width:
            yield _text(x, scale.bottom + 20, told, "middle")
        else:
            yield _text(scale.frame.width, scale.bottom + 20, told, "end")
    yield _line(LEFT, scale.bottom, right, scale.bottom, "tl-axis")


def _amounts(most: Number) -> tuple[Number, ...]:
    """Round amounts from 0元 to the first one that is not below ``most``."""
    if not most:
        return (0,)
    step = next(each for each in _round_steps(Fraction(1)) if most <= _MOST_LINES * each)
    return tuple(step * number for number in range(ceil(Fraction(most) / step) + 1))


def _values(low: Number, high: Number, most_ticks: int, smallest: Fraction) -> tuple[Number, ...]:
    """Round values between two, both ends included; ``smallest``: the finest that a field has."""
    for step in _round_steps(smallest):
        first, last = ceil(Fraction(low) / step), floor(Fraction(high) / step)
        if last - first < most_ticks:
            return tuple(step * number for number in range(first, last + 1))
    return ()


def _round_steps(smallest: Fraction) -> Iterable[Fraction]:
    """1, 2, 2.5 and 5 with any power of ten, upwards, as far as they are whole smallest steps."""
    unit = Fraction(1)
    while unit > smallest:
        unit /= 10
    while True:
        for fine in _ROUND:
            if (unit * fine / smallest).denominator == 1:
                yield unit * fine
        unit *= 10


def _lines(points: Sequence[Point], scale: _Scale) -> Iterator[Html]:
    """The amount; where it is not certain, the area from the least to the most."""
    lows = [(scale.x(each.value), scale.y(_number(each.money.low))) for each in points]
    highs = [(scale.x(each.value), scale.y(_number(each.money.high))) for each in points]
    if lows != highs:
        yield element("polygon", points=_places([*highs, *reversed(lows)]), class_="tl-band")
        yield element("polyline", points=_places(lows), class_="tl-low")
    yield element("polyline", points=_places(highs), class_="tl-high")


def _bars(curve: Curve, scale: _Scale) -> Iterator[Html]:
    """A veil over the stretches that no project has."""
    for each in curve.barred:
        low = scale.low if each.above is None else max(each.above, scale.low)
        high = scale.high if each.below is None else min(each.below, scale.high)
        if low < high:
            left, right = scale.x(low), scale.x(high)
            yield element(
                "rect",
                x=f"{left:.1f}",
                y=f"{TOP:.1f}",
                width=f"{right - left:.1f}",
                height=f"{scale.bottom - TOP:.1f}",
                class_="tl-barred",
            )


def _marks(marked: Sequence[Cliff | Bend], scale: _Scale) -> Iterator[Html]:
    for number, each in enumerate(marked, start=1):
        kind = _kind(each)
        x = scale.x(each.above.value)
        yield _line(x, TOP - 6, x, scale.bottom, kind)
        yield element("circle", cx=f"{x:.1f}", cy=f"{TOP - 16:.1f}", r="9", class_=f"{kind}-mark")
        yield _text(x, TOP - 12, str(number), "middle", "tl-cliff-number")


def _kind(each: Cliff | Bend) -> str:
    """The class of what is told of it: its number has one colour in the drawing and the list."""
    return "tl-cliff" if isinstance(each, Cliff) else "tl-bend"


def _place(curve: Curve, scale: _Scale) -> Iterator[Html]:
    here = curve.here
    if here is None or isinstance(here.money.high, float):
        return
    x, y = scale.x(here.value), scale.y(here.money.high)
    yield _line(x, y, x, scale.bottom, "tl-here")
    yield element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="6", class_="tl-here-mark")
    key = "what_if.here_terse" if scale.frame.terse else "what_if.here"
    told = say(key, value=_spell(curve, here.value), amount=phrase_sum(here.money))
    anchor, beside = ("end", -10) if x > scale.frame.width / 2 else ("start", 10)
    yield _text(x + beside, max(y - 10, 12), told, anchor, "tl-here-text")


def _list(curve: Curve, marked: Sequence[Cliff | Bend]) -> Html:
    told = "what_if.no_cliffs" if curve.complete else "what_if.none_found"
    none = [] if curve.cliffs else [element("p", say(told), class_="tl-none")]
    items = [element("li", *_told(curve, each), class_=_kind(each)) for each in marked]
    more = len(curve.cliffs) + len(curve.bends) - len(marked)
    rest = [element("p", say("what_if.more", count=more), class_="tl-none")] if more else []
    if curve.cliffs and not curve.complete:
        rest.append(element("p", say("what_if.incomplete"), class_="tl-none"))
    if curve.more:
        rest.append(element("p", say("what_if.more_left"), class_="tl-none"))
    listed = [element("ol", *items, class_="tl-cliffs")] if items else []
    return element("div", *none, *listed, *rest)


def _left_out(curve: Curve) -> Iterator[Html]:
    """Which values are not drawn, or drawn grey, and why."""
    if not curve.barred:
        return
    items = (
        element("li", element("b", _stretch(curve, each)), element("small", _reason(each)))
        for each in curve.barred
    )
    yield element("p", say("what_if.barred"), class_="tl-none")
    yield element("ul", *items, class_="tl-barred-list")


def _stretch(curve: Curve, each: Barred) -> str:
    """From where to where, by whichever of two neighbouring values is spelled shorter."""
    step = Fraction(smallest_step(curve.field.type))
    parts = []
    if each.above is not None:
        parts.append(_shorter(curve, "over", each.above, "least", each.above + step))
    if each.below is not None:
        parts.append(_shorter(curve, "under", each.below, "most", each.below - step))
    told = say("what_if.barred_and").join(parts) or say("what_if.barred_any")
    return curve.field.name + told


def _shorter(curve: Curve, key: str, value: Number, other_key: str, other: Number) -> str:
    told = say(f"what_if.barred_{key}", value=_spell(curve, value))
    instead = say(f"what_if.barred_{other_key}", value=_spell(curve, other))
    return instead if len(instead) < len(told) - 1 else told


def _reason(each: Barred) -> str:
    key = "what_if.barred_reason" if each.constraint.message else "what_if.barred_bare"
    return say(key, number=each.constraint.id, reason=each.constraint.message)


def _told(curve: Curve, each: Cliff | Bend) -> Iterator[Html]:
    return _told_cliff(curve, each) if isinstance(each, Cliff) else _told_bend(curve, each)


def _told_bend(curve: Curve, bend: Bend) -> Iterator[Html]:
    """Where it is, by whichever of its two values is spelled shorter, and what shapes the money."""
    places = (_spell(curve, each.value) for each in (bend.above, bend.below))
    yield element("b", say("what_if.at", field=curve.field.name, value=min(places, key=len)))
    yield element("span", say("what_if.bend", amount=phrase_sum(bend.above.money)))
    replaced = {(each.kind, each.name) for each in bend.begun}
    for shape in bend.begun:
        yield element("small", _shaped("begun", shape))
    for shape in bend.ended:
        if (shape.kind, shape.name) not in replaced:
            yield element("small", _shaped("ended", shape))


def _shaped(what: str, shape: Shape) -> str:
    amount = "" if shape.amount is None else phrase_money(shape.amount)
    return say(f"what_if.{what}_{shape.kind}", name=shape.name, amount=amount)


def _told_cliff(curve: Curve, cliff: Cliff) -> Iterator[Html]:
    """Where it is, what the total becomes, and which verdicts turn."""
    exactly = cliff.limit is not None and cliff.limit == cliff.below.value
    key = "what_if.beyond" if exactly else "what_if.from"
    value = cliff.below.value if exactly else cliff.above.value
    yield element("b", say(key, field=curve.field.name, value=_spell(curve, value)))
    before, after = phrase_sum(cliff.below.money), phrase_sum(cliff.above.money)
    if before != after:
        yield element("span", say("what_if.total", before=before, after=after))
    for turn in cliff.measures:
        told = say("what_if.turn", name=turn.name, before=turn.before, after=turn.after)
        yield element("small", told)


def _spell(curve: Curve, value: Number) -> str:
    return phrase_value(value, curve.field.type, curve.field.unit)


def _number(bound: Bound) -> Number:
    return 0 if isinstance(bound, float) else bound


def _places(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return element("line", class_=class_, **{name: f"{at:.1f}" for name, at in ends.items()})


def _text(x: float, y: float, told: str, anchor: str, class_: str = "") -> Html:
    return Html(
        element("text", told, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=class_)
    )
