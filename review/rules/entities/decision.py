"""Notices, decisions, conditions and what a decision permits."""

from datetime import date, datetime
from typing import ClassVar

from review.rules.entities.review import BenefitRiskRow, Citation
from review.rules.entities.shape import Entity, Value
from review.rules.shapes import Condition, FeasibilityRow
from review.rules.vocabulary import Outcome


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
    counsel_note: str = ""
    """Why counsel does not concur with this version; a new version clears it."""
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
    counsel_note: str = ""
    """Why counsel does not concur with this version; a new version clears it."""
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
