"""The regulated records: what the agency keeps and what an event can change.

Every record is a frozen value with an id and a schema version. The door (`review.acts.perform`) is the only
place that writes one; the ledger keeps its before and after. Numbers from evidence are decimal strings, so that
a canonical encoding never meets a float.
"""

from review.rules.entities.case import (
    Assignment,
    Case,
    ConflictAttestation,
    ReviewCycle,
)
from review.rules.entities.decision import (
    Alternative,
    Authorization,
    Comparable,
    ConditionRecord,
    Decision,
    NoticeOfIntendedDecision,
    PanelAdvice,
    Proposal,
    ResponsePoint,
)
from review.rules.entities.filing import (
    Checklist,
    ChecklistItem,
    EvidenceItem,
    EvidenceMeasurement,
    FilingVersion,
    FurtherStatement,
    ReaderProblem,
    StoredFile,
    SubjectMatch,
)
from review.rules.entities.paper import (
    OwedDocument,
    Signature,
)
from review.rules.entities.people import (
    Organization,
    Person,
    RoleGrant,
)
from review.rules.entities.review import (
    BenefitRiskRow,
    Citation,
    DeficiencyItem,
    DisciplineReview,
    Finding,
    InformationRequest,
    Memo,
)
from review.rules.entities.shape import Answers, Entity, Value

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

__all__ = [
    "KINDS",
    "Alternative",
    "Answers",
    "Assignment",
    "Authorization",
    "BenefitRiskRow",
    "Case",
    "Checklist",
    "ChecklistItem",
    "Citation",
    "Comparable",
    "ConditionRecord",
    "ConflictAttestation",
    "Decision",
    "DeficiencyItem",
    "DisciplineReview",
    "Entity",
    "EvidenceItem",
    "EvidenceMeasurement",
    "FilingVersion",
    "Finding",
    "FurtherStatement",
    "InformationRequest",
    "Memo",
    "NoticeOfIntendedDecision",
    "Organization",
    "OwedDocument",
    "PanelAdvice",
    "Person",
    "Proposal",
    "ReaderProblem",
    "ResponsePoint",
    "ReviewCycle",
    "RoleGrant",
    "Signature",
    "StoredFile",
    "SubjectMatch",
    "Value",
]
