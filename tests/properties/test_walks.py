"""Whatever people try, in whatever order, the invariants of the procedure hold (domain.md 10.1)."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import cycle, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from review.acts.perform import newest_event
from review.casefile import gather
from review.records import store, verification
from review.records.tables import record
from review.rules import reasons
from review.rules.clock import ClockKind, has_started, reading
from review.rules.conditions import harsher_than
from review.rules.facts import Facts
from review.rules.guards.decision import offered_types
from review.rules.vocabulary import CASE_ROLES, DECIDED, ENDED, Outcome, State
from review.rules.workflow import TABLE
from tests.properties.walker import Walker
from tests.stages import copy_of

STARTS: list[str | State] = [
    State.DRAFT,
    State.ACCEPTANCE_SCREENING,
    State.REFUSED_TO_ACCEPT,
    State.SUBSTANTIVE_REVIEW,
    State.INFORMATION_REQUEST_HOLD,
    "ready to recommend",
    "restriction recommended",
    State.LAB_RESPONSE_WINDOW,
    "restriction pending",
    "denial pending",
    "open weights, in review",
    "open weights, decision drafted",
]
Goals = dict[tuple[str, date], date]


def one_start_one_end(f: Facts) -> None:
    """1: a cycle has at most one START and one END, and an ended case has no running clock."""
    if f.cycle is None or f.case is None:
        return
    kinds = Counter(event.kind for event in f.cycle.clock)
    assert kinds[ClockKind.START] <= 1 and kinds[ClockKind.END] <= 1
    if f.case.state in ENDED and kinds[ClockKind.START]:
        assert f.cycle.clock[-1].kind is ClockKind.END


def days_add_up_and_the_goal_never_moves_earlier(f: Facts, goals: Goals) -> None:
    """2: running + held = elapsed; no act and no day makes the agency's time shorter."""
    if f.cycle is None or not has_started(f.cycle.clock):
        return
    clock = reading(f.cycle.clock, f.cycle.goal_days, f.today)
    assert clock.review_days + clock.held_days == clock.total_days >= 0
    place = (f.cycle.id, clock.received)
    assert clock.goal_date >= goals.get(place, clock.goal_date)
    goals[place] = clock.goal_date


def no_decision_without_its_grounds(f: Facts) -> None:
    """3 and 4: quorum, two people's valid signatures, seven parts, a notice if adverse, and nothing harsher."""
    if f.case is None or f.case.state not in DECIDED:
        return
    decision = f.decision
    assert decision is not None and decision.decided_at is not None and f.cycle is not None
    signed = {review.discipline for review in f.live_reviews if f.signed(review.signature_id)}
    assert signed >= set(f.cycle.disciplines)
    assert f.signed(decision.signature_id) and f.signed(decision.counsel_signature_id)
    wanted = {decision.signature_id, decision.counsel_signature_id}
    assert len({s.person_id for s in f.signatures if s.id in wanted}) == 2
    last, proposal = f.last_notice, decision.proposal
    assert not reasons.problems(proposal.reasons, last is not None and last.response == "RESPONSE")
    assert proposal.comparables or proposal.comparables_note
    if proposal.outcome is not Outcome.APPROVE:
        assert last is not None
        harsher = harsher_than(
            proposal.outcome,
            [one.condition for one in proposal.conditions],
            last.proposal.outcome,
            [one.condition for one in last.proposal.conditions],
            offered=offered_types(last.offered_conditions),
        )
        assert harsher is False


def findings_rest_on_whole_evidence(walker: Walker, f: Facts) -> None:
    """5: every finding resolves to evidence whose hash verifies."""
    files = walker.world.office.files
    for finding in f.findings:
        assert finding.citations
        for citation in finding.citations:
            item = f.evidence_by_id[citation.evidence_id]
            assert citation.sha256 in {file.sha256 for file in item.files}
            assert files.verify(walker.play.case_id, citation.sha256)


def nobody_held_two_roles(f: Facts) -> None:
    """8: over the whole history."""
    for person in {a.person_id for a in f.assignments}:
        assert len(f.roles_ever(person) & set(CASE_ROLES)) <= 1


def the_record_proves_itself(walker: Walker) -> None:
    """9 and 12: the chain verifies, each change of state has one event, and replay gives what is stored."""
    office, case_id = walker.world.office, walker.play.case_id
    found = verification.run(office.database, office.files, office.key.public_key(), office.origin)
    assert found.findings == ()
    with office.database.reading() as conn:
        case, replayed = gather.records_at(conn, case_id, newest_event(conn, case_id))
        assert case == store.case(conn, case_id)
        bodies = conn.execute(select(record.c.body).where(record.c.case_id == case_id)).scalars().all()
        kinds = {type(one) for one in (store.decode(k, b) for k, b in _documents(conn, case_id))}
        again = [store.encode(one) for kind in kinds for one in replayed.all(kind)]
        assert sorted(again) == sorted(bodies)
        states = conn.exec_driver_sql(
            'SELECT from_state, to_state FROM event WHERE case_id = ? ORDER BY "index"', (case_id,)
        ).all()
    assert case is not None
    moves = [(before, after) for before, after in states if before != after]
    assert moves[0] == (None, "DRAFT") and moves[-1][1] == case.state
    assert all(one[1] == other[0] for one, other in pairwise(moves))


def _documents(conn, case_id: str) -> list[tuple[str, str]]:
    statement = select(record.c.kind, record.c.body).where(record.c.case_id == case_id)
    return [(kind, body) for kind, body in conn.execute(statement)]


def walk(start: str | State, seed: int, steps: int) -> Walker:
    """One walk; the invariants are checked after each step, the whole record at its end."""
    data = Path(tempfile.mkdtemp(prefix="review-walk-"))
    world, play = copy_of(start, data)
    try:
        walker, goals = Walker(world, play, seed), dict[tuple[str, date], date]()
        for _ in range(steps):
            walker.step()
            f = play.facts()
            one_start_one_end(f)
            days_add_up_and_the_goal_never_moves_earlier(f, goals)
            no_decision_without_its_grounds(f)
            nobody_held_two_roles(f)
            if play.case.state in ENDED:
                break
        findings_rest_on_whole_evidence(walker, play.facts())
        the_record_proves_itself(walker)
        return walker
    finally:
        world.office.database.close()
        shutil.rmtree(data, ignore_errors=True)


def many(walks: int, steps: int) -> tuple[Counter[str], int, int]:
    """Rows fired, steps tried and steps that had an effect, over many walks from every start."""
    rows: Counter[str] = Counter()
    tried = done = 0
    starts = cycle(STARTS)

    @settings(
        max_examples=walks,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**32))
    def random_walk(seed: int) -> None:
        nonlocal tried, done
        walker = walk(next(starts), seed, steps)
        rows.update(walker.rows)
        tried, done = tried + walker.tried, done + walker.done

    random_walk()
    return rows, tried, done


def said(rows: Counter[str], tried: int, done: int) -> str:
    wide = max(rows.values(), default=1)
    lines = [f"Rows fired in {done} effective of {tried} steps ({done / tried:.0%}):"]
    lines += [
        f"  {row.id:4} {row.act.value:32} {rows[row.id]:5} {'#' * (40 * rows[row.id] // wide)}"
        for row in TABLE
        if rows[row.id]
    ]
    never = [row.id for row in TABLE if not rows[row.id] and None not in row.start]
    return "\n".join([*lines, f"  never: {', '.join(never) or 'none'}"])


Show = Callable[[str, object], None]


def test_random_people_and_acts_break_no_invariant(
    capsys: pytest.CaptureFixture[str], record_property: Show
) -> None:
    rows, tried, done = many(walks=24, steps=20)
    record_property("rows fired", said(rows, tried, done))
    with capsys.disabled():
        print("\n" + said(rows, tried, done))
    assert done >= 0.4 * tried
    assert len(rows) >= 15


@pytest.mark.slow
def test_long_walks_of_random_people_break_no_invariant(
    capsys: pytest.CaptureFixture[str], record_property: Show
) -> None:
    rows, tried, done = many(walks=72, steps=90)
    record_property("rows fired", said(rows, tried, done))
    with capsys.disabled():
        print("\n" + said(rows, tried, done))
    assert done >= 0.4 * tried
    assert len(rows) >= 35
