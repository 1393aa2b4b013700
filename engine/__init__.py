"""Measures that reason: a policy as data, and what it says of a case, with proofs.

``build`` turns a policy into an engine, ``simulate`` answers a case, ``explain`` puts the answer
into words, ``prove`` unfolds why. The engine knows neither workbooks nor pages.
"""

from engine.cases import Case, GoldenCase
from engine.expectations import unmet
from engine.explain import explain
from engine.model import Policy
from engine.outcome import Outcome
from engine.proof import prove
from engine.simulate import Engine, build, simulate

__all__ = [
    "Case",
    "Engine",
    "GoldenCase",
    "Outcome",
    "Policy",
    "build",
    "explain",
    "prove",
    "simulate",
    "unmet",
]
