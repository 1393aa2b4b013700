"""Quotients of polynomials in one number, with exact coefficients."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

from engine.values import Number

Polynomial: TypeAlias = tuple[Fraction, ...]
"""Its coefficients, the constant first, the last one not zero."""
Quotient: TypeAlias = tuple[Polynomial, Polynomial]
ONE: Polynomial = (Fraction(1),)
ITSELF: Quotient = ((Fraction(0), Fraction(1)), ONE)
"""The number itself."""


def constant(value: Number) -> Quotient:
    """A quotient that is the same everywhere."""
    return trimmed((Fraction(value),)), ONE


def plus(left: Quotient, right: Quotient) -> Quotient:
    """The sum of two quotients."""
    return minus(left, (_times(right[0], (Fraction(-1),)), right[1]))


def minus(left: Quotient, right: Quotient) -> Quotient:
    """The difference of two quotients."""
    if left[1] == right[1]:
        return _minus(left[0], right[0]), left[1]
    over = _minus(_times(left[0], right[1]), _times(right[0], left[1]))
    return over, _times(left[1], right[1])


def times(left: Quotient, right: Quotient) -> Quotient:
    """The product of two quotients."""
    return _times(left[0], right[0]), _times(left[1], right[1])


def over(left: Quotient, right: Quotient) -> Quotient:
    """The quotient of two quotients."""
    return _times(left[0], right[1]), _times(left[1], right[0])


def breaks(quotient: Quotient) -> list[Fraction] | None:
    """Where it is nothing, and where it has no value; None where a part of it is not linear."""
    if any(len(part) > 2 for part in quotient):
        return None
    return [-part[0] / part[1] for part in quotient if len(part) == 2]


def is_constant(quotient: Quotient) -> bool:
    """Whether it is the same everywhere."""
    return all(len(part) < 2 for part in quotient)


def is_line(quotient: Quotient) -> bool:
    """Whether it rises or falls evenly."""
    return len(quotient[0]) < 3 and len(quotient[1]) == 1


def value_at(quotient: Quotient, number: Number) -> Fraction | None:
    """Its value at a number; None where it has none."""
    above, below = (_value(part, Fraction(number)) for part in quotient)
    return None if not below else above / below


def trimmed(coefficients: Polynomial) -> Polynomial:
    """A polynomial without leading zeros."""
    while coefficients and not coefficients[-1]:
        coefficients = coefficients[:-1]
    return coefficients


def _value(polynomial: Polynomial, number: Fraction) -> Fraction:
    total = Fraction(0)
    for coefficient in reversed(polynomial):
        total = total * number + coefficient
    return total


def _minus(left: Polynomial, right: Polynomial) -> Polynomial:
    return trimmed(tuple(_differences(left, right)))


def _differences(left: Polynomial, right: Polynomial) -> Iterator[Fraction]:
    for power in range(max(len(left), len(right))):
        yield _at(left, power) - _at(right, power)


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    product = [Fraction(0)] * max(0, len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            product[i + j] += a * b
    return trimmed(tuple(product))


def _at(polynomial: Polynomial, power: int) -> Fraction:
    return polynomial[power] if power < len(polynomial) else Fraction(0)
