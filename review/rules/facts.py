"""What the rules are asked about: one case, one person, one moment. Built by the door, never by a rule."""

from datetime import date, datetime
from functools import cached_property
from typing import Any

import msgspec

from review.rules.entities import (
    Assignment,
    Authorization,
    Case,
    Checklist,
    ConflictAttestation,
    Decision,
    DisciplineReview,
    EvidenceItem,
    FilingVersion,
    Finding,
    InformationRequest,
    Memo,
    NoticeOfIntendedDecision,
    Organization,
    OwedDocument,
    PanelAdvice,
    Person,
    ReviewCycle,
    RoleGrant,
    Signature,
)
from review.rules.instruments import Missing
from review.rules.policy import Policy
from review.rules.vocabulary import CASE_ROLES, Discipline, Outcome, Role, Severity, State


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The person who acts, with the roles that the person holds in the house at this moment."""

    id: str
    name: str
    user_id: str = ""
    roles: frozenset[Role] = frozenset()
    disciplines: frozenset[Discipline] = frozenset()
    organization_id: str | None = None
    organization_name: str = ""
    organization_verified: bool = False
    lab_role: Role | None = None
    is_system: bool = False

    @property
    def is_lab(self) -> bool:
        return self.organization_id is not None


SYSTEM = Actor(id="system", name="The system, at a deadline", roles=frozenset({Role.SYS}), is_system=True)


class Facts(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything that a permission or a guard may ask about. `given` is what the act was given, if anything."""

    now: datetime
    today: date
    policy: Policy
    actor: Actor
    case: Case | None = None
    cycle: ReviewCycle | None = None
    assignments: tuple[Assignment, ...] = ()
    attestations: tuple[ConflictAttestation, ...] = ()
    filings: tuple[FilingVersion, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    checklist: Checklist | None = None
    reviews: tuple[DisciplineReview, ...] = ()
    findings: tuple[Finding, ...] = ()
    requests: tuple[InformationRequest, ...] = ()
    memo: Memo | None = None
    notices: tuple[NoticeOfIntendedDecision, ...] = ()
    decision: Decision | None = None
    panel: PanelAdvice | None = None
    authorization: Authorization | None = None
    signatures: tuple[Signature, ...] = ()
    documents: tuple[OwedDocument, ...] = ()
    valid_signatures: frozenset[str] = frozenset()
    broken_files: frozenset[str] = frozenset()
    missing: tuple[Missing, ...] | None = None
    subject: Person | None = None
    subject_grants: tuple[RoleGrant, ...] = ()
    subject_organization: Organization | None = None
    subject_roles_here: frozenset[Role] = frozenset()
    grant: RoleGrant | None = None
    given: Any = None

    @property
    def state(self) -> State | None:
        return self.case.state if self.case else None

    @cached_property
    def held(self) -> tuple[Assignment, ...]:
        """Assignments that are in force."""
        return tuple(a for a in self.assignments if a.held)

    @cached_property
    def my_roles(self) -> frozenset[Role]:
        """Roles that the actor holds on this case now, and still holds in the agency."""
        mine = frozenset(a.role for a in self.held if a.person_id == self.actor.id)
        return mine & self.actor.roles

    def roles_ever(self, person_id: str) -> frozenset[Role]:
        """Roles that a person holds or has ever held on this case: separation of duties looks back."""
        return frozenset(
            a.role for a in self.assignments if a.person_id == person_id and a.role in CASE_ROLES
        )

    def holder(self, role: Role) -> Assignment | None:
        return next((a for a in self.held if a.role is role), None)

    @cached_property
    def my_disciplines(self) -> frozenset[Discipline]:
        return frozenset(
            d
            for a in self.held
            if a.person_id == self.actor.id and a.role is Role.REVIEWER
            for d in a.disciplines
        )

    @cached_property
    def my_attestation(self) -> ConflictAttestation | None:
        mine = [a for a in self.attestations if a.person_id == self.actor.id]
        return max(mine, key=lambda a: a.at) if mine else None

    @property
    def attested(self) -> bool:
        """A declaration without an interest, not older than the policy allows (G-COI)."""
        own = self.my_attestation
        if own is None or own.interest:
            return False
        return (self.now - own.at).days <= self.policy.conflicts.attestation_days

    @cached_property
    def live_findings(self) -> tuple[Finding, ...]:
        """Findings of reviews in force that nobody has withdrawn."""
        live = {r.id for r in self.live_reviews}
        return tuple(f for f in self.findings if f.withdrawn is None and f.review_id in live)

    @cached_property
    def live_reviews(self) -> tuple[DisciplineReview, ...]:
        """Reviews of this cycle that nothing has superseded."""
        cycle = self.cycle.id if self.cycle else None
        return tuple(r for r in self.reviews if r.superseded is None and r.cycle_id == cycle)

    @property
    def decisive(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.live_findings if f.severity is Severity.DECISIVE)

    @cached_property
    def evidence_by_id(self) -> dict[str, EvidenceItem]:
        return {item.id: item for item in self.evidence}

    @property
    def open_request(self) -> InformationRequest | None:
        """The information request that holds the clock now."""
        return next((r for r in reversed(self.requests) if r.issued_at and not r.answered_at), None)

    @property
    def draft_request(self) -> InformationRequest | None:
        return next((r for r in reversed(self.requests) if r.issued_at is None), None)

    @property
    def draft_notice(self) -> NoticeOfIntendedDecision | None:
        return next((n for n in reversed(self.notices) if n.issued_at is None), None)

    @property
    def last_notice(self) -> NoticeOfIntendedDecision | None:
        """The newest notice that was issued."""
        return next((n for n in reversed(self.notices) if n.issued_at is not None), None)

    @property
    def recommended(self) -> Outcome | None:
        return self.memo.recommendation if self.memo else None

    def signed(self, signature_id: str | None) -> bool:
        """Whether a signature exists, is not superseded and still fits what it was given for."""
        return signature_id is not None and signature_id in self.valid_signatures
