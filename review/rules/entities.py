"""The regulated records: what the agency keeps and what an event can change.

Every record is a frozen value with an id and a schema version. The door (`review.acts.perform`) is the only
place that writes one; the ledger keeps its before and after. Numbers from evidence are decimal strings, so that
a canonical encoding never meets a float.
"""

from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from review.rules.clock import ClockEvent
from review.rules.conditions import Condition, FeasibilityRow
from review.rules.vocabulary import (
    BenefitRiskDimension,
    ChecklistAnswer,
    Conclusion,
    Discipline,
    DocumentKind,
    Domain,
    Meaning,
    Outcome,
    Role,
    Severity,
    State,
    Track,
)

Answers = dict[str, Any]
"""Answers of one instrument: section key -> field key -> value, answer state or rows."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a record."""


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A regulated record. `kind` and `schema` name its shape in the ledger."""

    kind: ClassVar[str] = ""
    schema: ClassVar[int] = 1
    id: str


# People -----------------------------------------------------------------------------------------


class Organization(Entity, frozen=True, kw_only=True):
    """A lab: the applicant's legal entity."""

    kind: ClassVar[str] = "organization"
    name: str
    verified_by: str | None = None


class Person(Entity, frozen=True, kw_only=True):
    """Somebody who can act. User ids are never given to another person (21 CFR 11.100(a))."""

    kind: ClassVar[str] = "person"
    user_id: str
    name: str
    title: str = ""
    organization_id: str | None = None
    lab_role: Role | None = None
    active: bool = True


class RoleGrant(Entity, frozen=True, kw_only=True):
    """A role in the agency; it is held once another administrator has granted it."""

    kind: ClassVar[str] = "role_grant"
    person_id: str
    role: Role
    disciplines: tuple[Discipline, ...] = ()
    requested_by: str
    granted_by: str | None = None
    ended_by: str | None = None

    @property
    def held(self) -> bool:
        return self.granted_by is not None and self.ended_by is None


# The case ---------------------------------------------------------------------------------------


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


# The filing -------------------------------------------------------------------------------------


class FurtherStatement(Value, frozen=True, kw_only=True):
    """A statement of the submitter for which no field exists; kept with its source."""

    path: str
    text: str
    source: str = ""
    status: str = ""


class FilingVersion(Entity, frozen=True, kw_only=True):
    """What a submission, or a complete answer, freezes. Never changed."""

    kind: ClassVar[str] = "filing_version"
    case_id: str
    ordinal: int
    instruments: dict[str, int]
    answers: dict[str, Answers]
    evidence: tuple[str, ...]
    further_statements: tuple[FurtherStatement, ...] = ()
    submitter_notes: tuple[str, ...] = ()
    filed_by: str
    filed_at: datetime


class StoredFile(Value, frozen=True, kw_only=True):
    """Bytes in the file store, by their hash. `name` is display data only."""

    name: str
    bytes: int
    sha256: str


class ReaderProblem(Value, frozen=True, kw_only=True):
    severity: str
    code: str
    message: str
    pointer: str | None = None


class EvidenceMeasurement(Value, frozen=True, kw_only=True):
    """A number that a person confirmed, with what it supports. Numbers are decimal strings."""

    id: str
    benchmark: str
    scorer: str | None = None
    metric: str
    filter: str | None = None
    value: str
    stderr: str | None = None
    stated_low: str | None = None
    stated_high: str | None = None
    stated_level: str | None = None
    n: int | None = None
    n_unit: str | None = None
    direction: str | None = None
    metric_type: str | None = None
    pointer: str = ""
    run: int = 0
    is_group: bool = False
    claim: Domain | None = None
    supports: str = ""
    threshold: str | None = None
    threshold_note: str = ""
    confirmed_by: str = ""


class SubjectMatch(Value, frozen=True, kw_only=True):
    """A person's statement of which filed model a file is about; never guessed."""

    named: str | None
    is_subject: bool
    note: str
    by: str
    by_name: str


class EvidenceItem(Entity, frozen=True, kw_only=True):
    """One piece of evidence: files, how they were read, what a person confirmed."""

    kind: ClassVar[str] = "evidence_item"
    case_id: str
    number: str
    title: str
    files: tuple[StoredFile, ...]
    format: str | None
    tool: str | None = None
    tool_version: str | None = None
    reader: str = ""
    reading: str | None = None
    status: str = "unknown"
    subject: str | None = None
    domain: Domain = Domain.GENERAL
    attributes: dict[str, Any] = {}
    problems: tuple[ReaderProblem, ...] = ()
    match: SubjectMatch | None = None
    measurements: tuple[EvidenceMeasurement, ...] = ()
    attached_by: str
    attached_at: datetime
    withdrawn: str | None = None
    answers_request: str | None = None


# Intake -----------------------------------------------------------------------------------------


class ChecklistItem(Value, frozen=True, kw_only=True):
    """An acceptance question: completeness, never merit. `by_rule` is what the rules found."""

    key: str
    question: str
    places: tuple[str, ...] = ()
    by_rule: ChecklistAnswer
    found: str = ""
    answer: ChecklistAnswer | None = None
    locator: str = ""
    note: str = ""
    cure: str = ""


class Checklist(Entity, frozen=True, kw_only=True):
    """The acceptance review of one cycle, frozen in its questions when the filing arrived."""

    kind: ClassVar[str] = "checklist"
    case_id: str
    cycle_id: str
    items: tuple[ChecklistItem, ...]
    concurred_by: str | None = None
    concurred_note: str = ""
    refused_on: date | None = None

    @property
    def failed(self) -> tuple[ChecklistItem, ...]:
        return tuple(item for item in self.items if item.answer is ChecklistAnswer.NO)

    @property
    def open(self) -> tuple[ChecklistItem, ...]:
        return tuple(item for item in self.items if item.answer is None)


# Review -----------------------------------------------------------------------------------------


class Citation(Value, frozen=True, kw_only=True):
    """Evidence to which a statement refers: the item, the exact version of its files, and where in them."""

    evidence_id: str
    number: str
    sha256: str
    locator: str
    value: str = ""


class DisciplineReview(Entity, frozen=True, kw_only=True):
    """One discipline's signed expert review."""

    kind: ClassVar[str] = "discipline_review"
    case_id: str
    cycle_id: str
    discipline: Discipline
    person_id: str
    person_name: str
    scope: str = ""
    conclusion: Conclusion | None = None
    summary: str = ""
    proposed_conditions: str = ""
    signature_id: str | None = None
    signed_on: date | None = None
    superseded: str | None = None


class Finding(Entity, frozen=True, kw_only=True):
    """A statement with its evidence (G-EVID)."""

    kind: ClassVar[str] = "finding"
    case_id: str
    review_id: str
    discipline: Discipline
    number: str
    statement: str
    severity: Severity
    domain: Domain
    tier: int | None = None
    citations: tuple[Citation, ...]
    uncertainty: str = ""
    alternative_reading: str = ""
    author_id: str
    withdrawn: str | None = None


class DeficiencyItem(Value, frozen=True, kw_only=True):
    """One question of an information request, with the four elements that it must have."""

    id: str
    provided: str
    missing: str
    basis: str
    cure: str
    severity: Severity
    finding: str | None = None
    answer: str = ""
    cannot_because: str = ""
    answered_by: str | None = None
    evidence: tuple[str, ...] = ()

    @property
    def answered(self) -> bool:
        return bool(self.answer.strip() or self.cannot_because.strip())


class InformationRequest(Entity, frozen=True, kw_only=True):
    """A question that stops the clock."""

    kind: ClassVar[str] = "information_request"
    case_id: str
    number: str
    items: tuple[DeficiencyItem, ...]
    drafted_by: str
    drafted_by_role: Role
    concurred_by: str | None = None
    issued_at: datetime | None = None
    issued_by: str | None = None
    answer_by: date | None = None
    answered_at: datetime | None = None
    warnings: tuple[str, ...] = ()


class BenefitRiskRow(Value, frozen=True, kw_only=True):
    dimension: BenefitRiskDimension
    evidence_uncertainties: str
    conclusions_reasons: str


class Memo(Entity, frozen=True, kw_only=True):
    """The cross-discipline memo: integrates the reviews and recommends."""

    kind: ClassVar[str] = "memo"
    case_id: str
    cycle_id: str
    author_id: str
    recommendation: Outcome
    summary: str
    benefit_risk: tuple[BenefitRiskRow, ...] = ()
    consults: str = ""
    conditions_note: str = ""
    signature_id: str | None = None
    returned_because: str = ""


# Decision ---------------------------------------------------------------------------------------


class Alternative(Value, frozen=True, kw_only=True):
    """A less restrictive option and why it is not enough (G-LRA)."""

    description: str
    residual_tier: str
    why_insufficient: str
    citations: tuple[Citation, ...] = ()
    offered_by_lab: bool = False


class Comparable(Value, frozen=True, kw_only=True):
    """A decided case or public model that was considered, and what distinguishes this one."""

    name: str
    outcome: str
    comparison: str
    distinguishing_factor: str = ""


class ConditionRecord(Value, frozen=True, kw_only=True):
    """A condition with what G-COND asks for: its risk, proof, feasibility, transition and way back."""

    id: str
    condition: Condition
    findings: tuple[str, ...]
    verification: str
    feasibility: tuple[FeasibilityRow, ...] = ()
    restoration: str = ""
    note: str = ""


class Proposal(Value, frozen=True, kw_only=True):
    """What a notice announces and a decision decides."""

    outcome: Outcome
    reasons: dict[str, str]
    conditions: tuple[ConditionRecord, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    comparables: tuple[Comparable, ...] = ()
    comparables_note: str = ""
    transition: str = ""
    path_to_approval: str = ""
    benefit_risk: tuple[BenefitRiskRow, ...] = ()


class ResponsePoint(Value, frozen=True, kw_only=True):
    """One point of the lab's response, and the agency's answer to it."""

    id: str
    text: str
    answer: str = ""


class NoticeOfIntendedDecision(Entity, frozen=True, kw_only=True):
    """What the agency means to decide, and the lab's response to it."""

    kind: ClassVar[str] = "notice"
    case_id: str
    cycle_id: str
    ordinal: int
    proposal: Proposal
    drafted_by: str
    version: int = 1
    counsel_signature_id: str | None = None
    signature_id: str | None = None
    issued_at: datetime | None = None
    respond_by: date | None = None
    responded_at: datetime | None = None
    response: str = ""
    """RESPONSE, WAIVER or LAPSE once the window has closed."""
    points: tuple[ResponsePoint, ...] = ()
    offered_conditions: str = ""
    answered_by: str | None = None


class PanelAdvice(Entity, frozen=True, kw_only=True):
    """The advisory panel's advice on an open-weight release, recorded and signed by the deciding official."""

    kind: ClassVar[str] = "panel_advice"
    case_id: str
    members: str
    question: str
    advice: str
    votes: str
    departure: str = ""
    signature_id: str | None = None


class Decision(Entity, frozen=True, kw_only=True):
    """The deciding official's decision."""

    kind: ClassVar[str] = "decision"
    case_id: str
    cycle_id: str
    number: str
    proposal: Proposal
    drafted_by: str
    version: int = 1
    notice_id: str | None = None
    point_answers: dict[str, str] = {}
    counsel_signature_id: str | None = None
    ratifier_signature_id: str | None = None
    signature_id: str | None = None
    decided_at: datetime | None = None


class Authorization(Entity, frozen=True, kw_only=True):
    """What an approving or restricting decision permits."""

    kind: ClassVar[str] = "authorization"
    case_id: str
    number: str
    decision_id: str
    status: str
    conditions: tuple[ConditionRecord, ...] = ()
    effective_on: date
    expires_on: date | None = None
    on_expiry: str | None = None


# Signatures and paper ---------------------------------------------------------------------------


class Signature(Entity, frozen=True, kw_only=True):
    """A signature on the exact bytes that the signer saw (21 CFR 11.50, 11.70).

    `record_sha256` names the signed record in the file store: the record's version, what it relied on, the
    meaning, the signer and a nonce.
    """

    kind: ClassVar[str] = "signature"
    case_id: str | None
    person_id: str
    printed_name: str
    user_id: str
    role: Role
    meaning: Meaning
    record_kind: str
    record_id: str
    content_sha256: str
    record_sha256: str
    at: datetime
    method: str = "PASSWORD"
    superseded: str | None = None


class OwedDocument(Entity, frozen=True, kw_only=True):
    """A document that a row of the procedure owes; issued once it has been made."""

    kind: ClassVar[str] = "document"
    case_id: str
    document: DocumentKind
    audience: str
    title: str
    owed_at: datetime
    sha256: str | None = None
    bytes: int = 0
    edition: str = ""
    at_index: int | None = None
    issued_at: datetime | None = None


KINDS: dict[str, type[Entity]] = {
    entity.kind: entity
    for entity in (
        Organization,
        Person,
        RoleGrant,
        Case,
        ReviewCycle,
        Assignment,
        ConflictAttestation,
        FilingVersion,
        EvidenceItem,
        Checklist,
        DisciplineReview,
        Finding,
        InformationRequest,
        Memo,
        NoticeOfIntendedDecision,
        PanelAdvice,
        Decision,
        Authorization,
        Signature,
        OwedDocument,
    )
}
