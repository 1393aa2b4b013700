"""Policy in, engine out; case in, outcome out."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.agenda import AgendaKind, make_agenda
from engine.agenda.chain import Agenda, Chain
from engine.agenda.program import Program, compile_program
from engine.cases import Case
from engine.collector import uncollected
from engine.fingerprint import fingerprint
from engine.instalments import payments_of
from engine.model import Policy
from engine.outcome import MeasureOutcome, Outcome
from engine.settle import at_best, may_rise, settle, surely_kept, totals
from engine.verdicts import judge_all
from engine.worked import Notes, worked_through


@dataclass(frozen=True, slots=True)
class Engine:
    """A policy ready to answer cases. Close it when it is no longer needed."""

    policy: Policy
    fingerprint: str
    program: Program
    agenda: Agenda
    notes: Notes = field(default_factory=Notes, repr=False)

    def close(self) -> None:
        """Give back what the agenda holds."""
        self.agenda.close()


@uncollected()
def build(policy: Policy, agenda: AgendaKind = "durable") -> Engine:
    """Compile a policy that has no errors.

    ``agenda`` is ``durable`` (durable-rules in a worker process), ``inprocess`` (the same without a
    worker) or ``python``.

    Raises:
        graphlib.CycleError: its tables depend on each other in a circle; ``engine.checks`` says so.
    """
    program = compile_program(policy)
    return Engine(policy, fingerprint(policy), program, make_agenda(program, agenda))


def simulate(engine: Engine, case: Case) -> Outcome:
    """Answer one case: derive, judge, settle, add up."""
    return conclude(engine, engine.agenda.run(case))


def conclude(engine: Engine, chain: Chain) -> Outcome:
    """Turn a finished chain into verdicts and totals."""
    policy = engine.policy
    worked = worked_through(
        engine.program, chain.case, chain.situation, chain.closings, engine.notes
    )
    alone = judge_all(worked)
    verdicts, settlements = settle(alone, worked)
    by_member = {
        name: settlement for settlement in settlements for name, _ in settlement.competitors
    }
    facts, program = worked.situation.facts, engine.program
    best = at_best(alone, worked) if may_rise(alone, verdicts, settlements) else verdicts
    kept = surely_kept(alone, verdicts, worked)
    by_beneficiary, overall = totals(policy.measures, verdicts, best, kept)
    return Outcome(
        policy=policy,
        fingerprint=engine.fingerprint,
        case=chain.case,
        measures=tuple(
            [
                MeasureOutcome(
                    each,
                    verdicts[each.id],
                    alone[each.id],
                    by_member.get(each.id),
                    payments_of(each, verdicts[each.id], policy.rounding),
                )
                for each in policy.measures
            ]
        ),
        derived={field: facts.get(field) for field in program.derivable},
        totals=by_beneficiary,
        total=overall,
        log=tuple(chain.log),
        worked=worked,
        kept=kept,
    )
