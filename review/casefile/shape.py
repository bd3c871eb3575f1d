"""The shape of a case file: plain frozen values, so that no template asks a database or the time."""

from datetime import date, datetime
from typing import Any

import msgspec

from review.rules.clock import ClockReading, Milestone
from review.rules.entities import (
    Authorization,
    Checklist,
    DisciplineReview,
    EvidenceItem,
    EvidenceMeasurement,
    Finding,
    FurtherStatement,
    InformationRequest,
    Memo,
    NoticeOfIntendedDecision,
    OwedDocument,
    PanelAdvice,
    Proposal,
)
from review.rules.evidence import Grade
from review.rules.instruments import Gap
from review.rules.intervals import Interval
from review.rules.vocabulary import Audience, Discipline, Outcome, State, Turn


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a case file."""


class Step(Value, frozen=True, kw_only=True):
    """One of the six steps of the indicator: done, current or to come."""

    number: int
    label: str
    status: str


class Header(Value, frozen=True, kw_only=True):
    """What every page of a case says first."""

    case_id: str
    number: str
    title: str
    lab: str
    model: str
    version: str
    track: str
    state: State
    outcome: Outcome | None
    decided_on: date | None
    received_on: date | None
    turn: Turn
    waiting_for: str
    due_on: date | None
    clock: ClockReading | None
    milestones: tuple[Milestone, ...]
    steps: tuple[Step, ...]
    open_weights: bool
    policy: str


class Entry(Value, frozen=True, kw_only=True):
    """One event as the audience may know it. `detail` is empty where only that it happened may be known."""

    index: int
    at: datetime
    act: str
    title: str
    detail: str = ""
    who: str = ""
    moves: bool = False
    refused: bool = False


class TeamMember(Value, frozen=True, kw_only=True):
    person_id: str
    name: str
    role: str
    disciplines: tuple[Discipline, ...]
    declared: bool
    ended: bool
    ended_reason: str


class MeasurementLine(Value, frozen=True, kw_only=True):
    """A confirmed number with the interval that is shown for it, and why."""

    measurement: EvidenceMeasurement
    value: str
    interval: Interval | None
    count: str
    reaches: str


class EvidenceLine(Value, frozen=True, kw_only=True):
    """An evidence item, its grade, and its confirmed numbers."""

    item: EvidenceItem
    grade: Grade
    lines: tuple[MeasurementLine, ...]
    cited_by: tuple[str, ...] = ()


class ReviewLine(Value, frozen=True, kw_only=True):
    """A discipline's review with its findings; `who` is a name or, for the lab, a pseudonym."""

    review: DisciplineReview
    who: str
    findings: tuple[Finding, ...]
    signed: bool


class SignatureLine(Value, frozen=True, kw_only=True):
    """A signature as it is shown (21 CFR 11.50). `holds` says whether it still fits what was signed."""

    id: str
    who: str
    role: str
    meaning: str
    says: str
    at: datetime
    kind: str
    record: str
    record_id: str
    record_sha256: str
    holds: bool
    superseded: str | None


class DecisionLine(Value, frozen=True, kw_only=True):
    number: str
    version: int
    proposal: Proposal
    point_answers: dict[str, str]
    decided_at: datetime | None
    concurred: bool
    ratified: bool


class Filed(Value, frozen=True, kw_only=True):
    """The newest filing version, and how many there were."""

    ordinal: int
    filed_at: datetime
    filed_by: str
    instruments: dict[str, int]
    answers: dict[str, Any]
    gaps: tuple[Gap, ...]
    further_statements: tuple[FurtherStatement, ...]
    submitter_notes: tuple[str, ...]


class CaseFile(Value, frozen=True, kw_only=True):
    """All that one audience may know of one case at `as_of`. What the audience may not know is not in it."""

    audience: Audience
    as_of: datetime
    index: int
    header: Header
    timeline: tuple[Entry, ...]
    team: tuple[TeamMember, ...]
    filed: Filed | None
    evidence: tuple[EvidenceLine, ...]
    checklist: Checklist | None
    reviews: tuple[ReviewLine, ...]
    disciplines: tuple[Discipline, ...]
    requests: tuple[InformationRequest, ...]
    memo: Memo | None
    notices: tuple[NoticeOfIntendedDecision, ...]
    decision: DecisionLine | None
    panel: PanelAdvice | None
    authorization: Authorization | None
    signatures: tuple[SignatureLine, ...]
    documents: tuple[OwedDocument, ...]
