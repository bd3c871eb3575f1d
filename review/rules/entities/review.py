"""What reviewers and leads write: findings, reviews, information requests, the memo."""

from datetime import date, datetime
from typing import ClassVar

from review.rules.entities.shape import Entity, Value
from review.rules.vocabulary import (
    BenefitRiskDimension,
    Conclusion,
    Discipline,
    Domain,
    Outcome,
    Role,
    Severity,
)


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
