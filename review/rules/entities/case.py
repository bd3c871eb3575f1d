"""The docket: the case, its cycles, its team, their conflicts of interest."""

from datetime import date, datetime
from typing import ClassVar

from review.rules.clock import ClockEvent
from review.rules.entities.shape import Entity
from review.rules.vocabulary import Discipline, Outcome, Role, State, Track


class Case(Entity, frozen=True, kw_only=True):
    """One docket: one deployed configuration of one model version, filed by one lab."""

    kind: ClassVar[str] = "case"
    tag: str
    number: str | None = None
    organization_id: str
    organization_name: str
    model_name: str
    model_version: str = ""
    configuration: str = ""
    track: Track = Track.FULL
    state: State = State.DRAFT
    opened_by: str
    opened_at: datetime
    policy: str
    received_on: date | None = None
    outcome: Outcome | None = None
    decided_on: date | None = None
    open_weights: bool = False
    comparators: tuple[str, ...] = ()


class ReviewCycle(Entity, frozen=True, kw_only=True):
    """First filing, resubmission or remand: each with its own clock."""

    kind: ClassVar[str] = "review_cycle"
    case_id: str
    ordinal: int
    track: Track
    goal_days: int
    received_on: date
    screening_due_on: date
    disciplines: tuple[Discipline, ...]
    clock: tuple[ClockEvent, ...] = ()
    accepted_on: date | None = None
    accepted_by_lapse: bool = False
    returned: int = 0
    warnings: tuple[str, ...] = ()
    """What was warned of and when: `refusal@2026-05-01`."""

    def warned_on(self, key: str) -> date | None:
        """The day of the newest warning of that kind."""
        sent = (warning.partition("@") for warning in self.warnings)
        return max((date.fromisoformat(day) for what, _, day in sent if what == key), default=None)


class Assignment(Entity, frozen=True, kw_only=True):
    """A person's role on a case, for a stretch of time."""

    kind: ClassVar[str] = "assignment"
    case_id: str
    person_id: str
    person_name: str
    role: Role
    disciplines: tuple[Discipline, ...] = ()
    since: datetime
    ended: datetime | None = None
    ended_reason: str = ""

    @property
    def held(self) -> bool:
        return self.ended is None


class ConflictAttestation(Entity, frozen=True, kw_only=True):
    """What a person declares before any content of the case is shown (G-COI)."""

    kind: ClassVar[str] = "conflict_attestation"
    case_id: str
    person_id: str
    person_name: str
    interest: bool
    statement: str
    named: tuple[str, ...]
    at: datetime
