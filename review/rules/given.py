"""What a person gives with an act: one frozen value for each act that takes one. Forms and packages make these."""

from typing import Any

import msgspec

from review.rules.entities import (
    Alternative,
    BenefitRiskRow,
    Citation,
    Comparable,
    ConditionRecord,
    DeficiencyItem,
    EvidenceMeasurement,
    FurtherStatement,
    Proposal,
    ReaderProblem,
    StoredFile,
)
from review.rules.vocabulary import (
    ChecklistAnswer,
    Conclusion,
    Discipline,
    DocumentKind,
    Domain,
    Outcome,
    Role,
    Severity,
)

__all__ = ["Alternative", "BenefitRiskRow", "Comparable", "ConditionRecord", "DeficiencyItem", "Proposal"]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What came with an act."""


class OpenDraft(Given, frozen=True, kw_only=True):
    model_name: str
    configuration: str = ""


class Filing(Given, frozen=True, kw_only=True):
    """The complete answers that a submission freezes."""

    answers: dict[str, Any]
    instruments: dict[str, int]
    further_statements: tuple[FurtherStatement, ...] = ()
    submitter_notes: tuple[str, ...] = ()
    answered_deficiencies: dict[str, str] = {}


class Reason(Given, frozen=True, kw_only=True):
    """An act whose only content is why."""

    reason: str


class Protest(Given, frozen=True, kw_only=True):
    reason: str
    conference: str
    """HELD or WAIVED."""


class EvidenceFiles(Given, frozen=True, kw_only=True):
    title: str
    files: tuple[StoredFile, ...]
    format: str | None = None
    tool: str | None = None
    tool_version: str | None = None
    reader: str = ""
    reading: str | None = None
    status: str = "unknown"
    subject: str | None = None
    domain: Domain = Domain.GENERAL
    attributes: dict[str, Any] = {}
    problems: tuple[ReaderProblem, ...] = ()
    measurements: tuple[EvidenceMeasurement, ...] = ()


class Withdrawal(Given, frozen=True, kw_only=True):
    target: str
    reason: str


class Confirmation(Given, frozen=True, kw_only=True):
    """Which read numbers a person confirms for one evidence item, and what the item is about."""

    evidence_id: str
    measurements: tuple[EvidenceMeasurement, ...]
    domain: Domain
    attributes: dict[str, Any] = {}


class Match(Given, frozen=True, kw_only=True):
    evidence_id: str
    is_subject: bool
    note: str


class Assign(Given, frozen=True, kw_only=True):
    person_id: str
    role: Role
    disciplines: tuple[Discipline, ...] = ()


class Declaration(Given, frozen=True, kw_only=True):
    interest: bool
    statement: str = ""


class ChecklistEntry(Given, frozen=True, kw_only=True):
    key: str
    answer: ChecklistAnswer
    locator: str = ""
    note: str = ""
    cure: str = ""


class FindingGiven(Given, frozen=True, kw_only=True):
    """A finding as written. `target` names the finding when it is revised."""

    discipline: Discipline
    statement: str
    severity: Severity
    domain: Domain
    tier: int | None = None
    citations: tuple[Citation, ...]
    uncertainty: str = ""
    alternative_reading: str = ""
    target: str | None = None


class ReviewConclusion(Given, frozen=True, kw_only=True):
    discipline: Discipline
    conclusion: Conclusion
    scope: str = ""
    summary: str = ""
    proposed_conditions: str = ""


class ReviewOf(Given, frozen=True, kw_only=True):
    """Which discipline's review an act concerns."""

    discipline: Discipline


class Questions(Given, frozen=True, kw_only=True):
    items: tuple[DeficiencyItem, ...]


class ItemAnswer(Given, frozen=True, kw_only=True):
    item_id: str
    answer: str = ""
    cannot_because: str = ""
    evidence: tuple[str, ...] = ()


class MemoGiven(Given, frozen=True, kw_only=True):
    recommendation: Outcome
    summary: str
    benefit_risk: tuple[BenefitRiskRow, ...] = ()
    consults: str = ""
    conditions_note: str = ""


class ProposalGiven(Given, frozen=True, kw_only=True):
    proposal: Proposal
    point_answers: dict[str, str] = {}


class NoticeAnswer(Given, frozen=True, kw_only=True):
    """The lab's response to a notice: points, or a waiver."""

    waived: bool = False
    points: tuple[str, ...] = ()
    offered_conditions: str = ""


class Target(Given, frozen=True, kw_only=True):
    """Which record an act concerns: for counsel, `notice` or `decision`."""

    target: str


class NotConcurred(Target, frozen=True, kw_only=True):
    """Which text counsel does not find legally sufficient, and why."""

    reason: str


class Advice(Given, frozen=True, kw_only=True):
    members: str
    question: str
    advice: str
    votes: str
    departure: str = ""


class Warning(Given, frozen=True, kw_only=True):
    key: str


class Issued(Given, frozen=True, kw_only=True):
    """A document that the worker made."""

    document_id: str | None = None
    document: DocumentKind
    title: str
    audience: str
    edition: str
    sha256: str
    bytes: int
    at_index: int


class Downloaded(Given, frozen=True, kw_only=True):
    document_id: str
    purpose: str = ""


class NewOrganization(Given, frozen=True, kw_only=True):
    name: str


class Invitation(Given, frozen=True, kw_only=True):
    user_id: str
    name: str
    title: str = ""
    organization_id: str | None = None
    lab_role: Role | None = None


class RoleRequest(Given, frozen=True, kw_only=True):
    person_id: str
    role: Role
    disciplines: tuple[Discipline, ...] = ()


class Founders(Given, frozen=True, kw_only=True):
    """The first two administrators: name and user id of each."""

    people: tuple[tuple[str, str], ...]
