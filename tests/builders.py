"""Builds what tests are about, through the same acts that people use."""

import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher

from review.acts.office import Office
from review.demo.house import Chance, ScriptedClock, found
from review.demo.play import TEAM, Play
from review.package import prepared
from review.records import store
from review.records.database import Database
from review.rules.condition_types import ConditionType
from review.rules.entities import Alternative, BenefitRiskRow, ConditionRecord, Person, Proposal
from review.rules.given import DeficiencyItem, MemoGiven, NoticeAnswer, Questions
from review.rules.shapes import Condition, Feasibility, FeasibilityRow
from review.rules.vocabulary import (
    Act,
    BenefitRiskDimension,
    Conclusion,
    Discipline,
    Domain,
    Outcome,
    Role,
    Severity,
    State,
)
from review.settings import Settings

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
LAB = "jonas.brandt@calder.example"
OTHER_LAB = "sara.lindqvist@northlight.example"
SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"


class World:
    """A house, its people by user id, and its clock."""

    def __init__(self, office: Office, people: dict[str, str], clock: ScriptedClock) -> None:
        self.office = office
        self.people = people
        self.clock = clock

    def days_later(self, days: float) -> None:
        self.clock.to(self.clock.at + timedelta(days=days))

    def play(self, lab: str = LAB, case_id: str = "") -> Play:
        return Play(self.office, self.people, lab, case_id)

    def draft(self, name: str = "tern-2", lab: str = LAB) -> Play:
        """A draft with everything in it."""
        return self.play(lab).prepare_filing(prepared(name))

    def screening(self, name: str = "tern-2", lab: str = LAB) -> Play:
        return self.draft(name, lab).submit().assign(Role.INTAKE, Role.LEAD)

    def review(self, name: str = "tern-2", lab: str = LAB) -> Play:
        """Accepted, with the whole team declared."""
        play = self.screening(name, lab).answer_checklist().accept()
        return play.assign(Role.SIGNATORY, Role.COUNSEL, Role.RATIFIER).assign_reviewers()

    def recommended(self, outcome: Outcome = Outcome.APPROVE, name: str = "tern-2", lab: str = LAB) -> Play:
        """All reviews signed and the memo sent; adverse outcomes rest on one decisive cyber finding."""
        play = self.review(name, lab)
        if outcome is not Outcome.APPROVE:
            decisive_finding(play)
            conclusion = (
                Conclusion.CONCERN_MITIGABLE
                if outcome is Outcome.RESTRICT
                else Conclusion.CONCERN_NOT_MITIGABLE
            )
            play.conclude(Discipline.CYBER, conclusion, "The claim of tier 2 holds with safeguards off.")
        return play.conclude_rest().recommend(memo(outcome))

    def noticed(self, outcome: Outcome = Outcome.RESTRICT, name: str = "tern-2", lab: str = LAB) -> Play:
        """The notice is issued and the lab may respond."""
        play = (
            self.recommended(outcome, name, lab)
            .propose(Act.DRAFT_NOTICE, proposal(outcome))
            .counsel("notice")
        )
        play.do(TEAM[Role.SIGNATORY], Act.ISSUE_NOTICE)
        return play

    def pending(self, outcome: Outcome = Outcome.APPROVE, name: str = "tern-2", lab: str = LAB) -> Play:
        """The decision is drafted; counsel has concurred."""
        if outcome is Outcome.APPROVE:
            play = self.recommended(outcome, name, lab)
            play.do(TEAM[Role.LEAD], Act.FORWARD_CLEAN)
            answers: dict[str, str] = {}
        else:
            play = self.noticed(outcome, name, lab)
            play.do(play.lab, Act.ANSWER_NOTICE, NoticeAnswer(points=("The gate already covers this.",)))
            answers = {"P-1": "The gate was tested by the lab alone. An independent test is needed."}
        return play.propose(Act.DRAFT_DECISION, proposal(outcome), answers).counsel("decision")

    def decided(self, outcome: Outcome = Outcome.APPROVE, name: str = "tern-2", lab: str = LAB) -> Play:
        return self.pending(outcome, name, lab).sign_decision(Act(outcome.value.lower()))

    def in_state(self, state: State) -> Play:
        """A case in a state, by the shortest way there."""
        match state:
            case State.DRAFT:
                return self.draft()
            case State.ACCEPTANCE_SCREENING:
                return self.screening()
            case State.REFUSED_TO_ACCEPT:
                return self.screening().answer_checklist(failed={"comparators": "Name one."}).refuse()
            case State.SUBSTANTIVE_REVIEW:
                return self.review()
            case State.INFORMATION_REQUEST_HOLD:
                return ask(self.review())
            case State.RECOMMENDATION:
                return self.recommended()
            case State.LAB_RESPONSE_WINDOW:
                return self.noticed()
            case State.DECISION_PENDING:
                return self.pending()
            case State.DECIDED_APPROVED:
                return self.decided()
            case State.DECIDED_RESTRICTED:
                return self.decided(Outcome.RESTRICT)
            case State.DECIDED_DENIED:
                return self.decided(Outcome.DENY)
        raise ValueError(f"No case stays {state}.")


def ask(play: Play) -> Play:
    """A reviewer asks one thing and the lead issues it: the clock stops."""
    item = DeficiencyItem(
        id="Q-1",
        provided="One run of 64 attempts a task.",
        missing="The success rate at 256 attempts a task.",
        basis="Tier 2 turns on repeated attempts.",
        cure="A run with 256 attempts, or why it cannot be made.",
        severity=Severity.MAJOR,
    )
    play.do("ines.okafor@agency.example", Act.DRAFT_INFORMATION_REQUEST, Questions(items=(item,)))
    play.do(TEAM[Role.LEAD], Act.ISSUE_INFORMATION_REQUEST)
    return play


def first_graded(play: Play) -> str:
    """The number of the first evidence item with a confirmed cyber measurement."""
    items = [i for i in play.facts().evidence if i.measurements and i.domain is Domain.CYBER]
    return (items or [i for i in play.facts().evidence if i.measurements])[0].number


def decisive_finding(play: Play) -> str:
    return play.finding(
        Discipline.CYBER,
        "With safeguards off the model completes end-to-end operations on hardened targets.",
        [first_graded(play)],
        severity=Severity.DECISIVE,
        domain=Domain.CYBER,
        tier=2,
        alternative="The targets may have been easier than the suite says.",
    )


def memo(outcome: Outcome) -> MemoGiven:
    rows = tuple(
        BenefitRiskRow(
            dimension=dimension,
            evidence_uncertainties="As the reviews state.",
            conclusions_reasons="Weighed in the recommendation.",
        )
        for dimension in BenefitRiskDimension
    )
    return MemoGiven(recommendation=outcome, summary="The six reviews agree on the facts.", benefit_risk=rows)


def condition(number: str = "F-CY-01") -> ConditionRecord:
    """Access stays with vetted organizations, on the interface."""
    return ConditionRecord(
        id="C-01",
        condition=Condition(type=ConditionType.ACCESS_TIER_MAX, params={"max_tier": "T1"}),
        findings=(number,),
        verification="A probe account from outside, each month.",
        feasibility=(
            FeasibilityRow(channel="FIRST_PARTY_API", method="Tier gate", result=Feasibility.FEASIBLE),
        ),
        restoration="The upper bound of cyber_range_40 is at most 0.05 over 200 attempts, tested independently.",
    )


def proposal(outcome: Outcome) -> Proposal:
    """A proposal that every guard accepts, its reasons still to be drafted."""
    adverse = outcome is not Outcome.APPROVE
    alternatives = (
        Alternative(
            description="Monitoring alone", residual_tier="2", why_insufficient="It acts after the harm."
        ),
        Alternative(
            description="A rate limit", residual_tier="2", why_insufficient="Few attempts are enough."
        ),
    )
    return Proposal(
        outcome=outcome,
        reasons={},
        conditions=(condition(),) if outcome is Outcome.RESTRICT else (),
        alternatives=alternatives if adverse else (),
        comparables_note="No comparable case has been decided.",
        transition="The model is not released; nobody uses it yet." if adverse else "",
        path_to_approval="Show an upper bound of 0.05 with safeguards off."
        if outcome is Outcome.DENY
        else "",
    )


def _template(folder: Path) -> Path:
    """A founded house on disk, made once for each test process and copied."""
    settings = Settings(data=folder, demonstration=True)
    office, _ = found(settings, clock=ScriptedClock(START), chance=Chance("tests"), hasher=CHEAP)
    office.database.close()
    return folder


@cache
def _founded() -> Path:
    return _template(Path(tempfile.mkdtemp(prefix=f"review-house-{os.getpid()}-")))


def found_world(data: Path, url: str = "") -> World:
    """A house of its own for one test; on another database when an address is given."""
    if url:
        office, people = found(
            Settings(data=data, database_url=url, demonstration=True),
            clock=ScriptedClock(START),
            chance=Chance("tests"),
            hasher=CHEAP,
        )
        assert isinstance(office.clock, ScriptedClock)
        return World(office, people, office.clock)
    shutil.copytree(_founded(), data, dirs_exist_ok=True)
    clock = ScriptedClock(START + timedelta(minutes=5))
    chance = Chance(str(data))
    settings = Settings(data=data, demonstration=True)
    office = Office(settings, clock=clock, ids=chance.ids, salts=chance.salts, hasher=CHEAP)
    return World(office, people_of(office.database), clock)


def people_of(database: Database) -> dict[str, str]:
    """Person ids by user id."""
    with database.reading() as conn:
        return {person.user_id: person.id for person in store.all_of(conn, Person)}
