"""What a lab files, and what intake asks of it: filing versions, evidence, the acceptance checklist."""

from datetime import date, datetime
from typing import Any, ClassVar

from review.rules.entities.shape import Answers, Entity, Value
from review.rules.vocabulary import ChecklistAnswer, Domain


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
