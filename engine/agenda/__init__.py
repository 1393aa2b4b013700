"""Forward chaining: from a policy to rules over tokens, and the agendas that fire them."""

import logging
from typing import Literal, TypeAlias, assert_never

from engine.agenda.chain import Agenda, Chain, CrossCheckError
from engine.agenda.durable import BeyondLimits, DurableAgenda
from engine.agenda.program import Program, compile_program
from engine.agenda.pure import PureAgenda
from engine.agenda.worker import WORKER_LOST, WorkerAgenda

__all__ = [
    "BEYOND_LIMITS",
    "WITHOUT_EXTENSION",
    "WORKER_LOST",
    "Agenda",
    "AgendaKind",
    "Chain",
    "CrossCheckError",
    "DurableAgenda",
    "Program",
    "PureAgenda",
    "WorkerAgenda",
    "compile_program",
    "make_agenda",
]

AgendaKind: TypeAlias = Literal["durable", "inprocess", "python"]
"""durable-rules in a worker process, in this process, or the agenda in plain Python."""

BEYOND_LIMITS = "agenda_beyond_limits"
WITHOUT_EXTENSION = "agenda_without_extension"


def make_agenda(program: Program, kind: AgendaKind = "durable") -> Agenda:
    """Make an agenda; where durable-rules cannot serve, the one in plain Python with a notice."""
    try:
        match kind:
            case "durable":
                return WorkerAgenda(program)
            case "inprocess":
                return DurableAgenda(program)
            case "python":
                return PureAgenda(program)
            case _:
                assert_never(kind)
    except ImportError as error:
        notice, reason = WITHOUT_EXTENSION, str(error)
    except BeyondLimits as error:
        notice, reason = BEYOND_LIMITS, str(error)
    logging.getLogger("tiaoli.agenda").warning(
        "policy %s is worked out without durable-rules: %s", program.policy.id, reason
    )
    return PureAgenda(program, notice)
