"""The sections of a dossier, numbered once: contents, headings and references all read from here."""

from __future__ import annotations

import msgspec

from review.casefile.shape import CaseFile
from review.dossier.figures import DomainEvidence
from review.rules import instruments
from review.rules.instruments import SectionReading
from review.rules.vocabulary import Audience, State


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A numbered heading inside a section."""

    key: str
    number: str
    title: str


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """A section: its template, number and title. `absent` says what is not there yet; then it is one line long."""

    key: str
    number: int
    title: str
    parts: tuple[Part, ...] = ()
    absent: str = ""

    def part(self, key: str) -> Part:
        return next(part for part in self.parts if part.key == key)


class InstrumentReading(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument's answers in words, and its gaps."""

    name: str
    title: str
    version: int
    sections: tuple[SectionReading, ...]
    gaps: tuple[instruments.Gap, ...]


def readings(file: CaseFile) -> tuple[InstrumentReading, ...]:
    """The filed instruments in the order in which a lab fills them."""
    if file.filed is None:
        return ()
    found = []
    for name in sorted(file.filed.instruments, key=list(instruments.CURRENT).index):
        instrument = instruments.load(name, file.filed.instruments[name])
        answers = file.filed.answers.get(name, {})
        found.append(
            InstrumentReading(
                name=name,
                title=instrument.title,
                version=instrument.version,
                sections=instruments.read(instrument, answers, file.filed.answers),
                gaps=tuple(instrument.gaps(answers, file.filed.answers)),
            )
        )
    return tuple(found)


def chapters(
    file: CaseFile, filed: tuple[InstrumentReading, ...], evidence: tuple[DomainEvidence, ...]
) -> tuple[Chapter, ...]:
    """All sections of the edition, in order. Those without content say so in a line."""
    lab = file.audience is Audience.LAB
    until_decided = "It is shown to the lab once the case is decided." if lab else ""
    issued = tuple(request for request in file.requests if request.issued_at or not lab)
    listed: list[tuple[str, str, list[tuple[str, str]], str]] = [
        ("summary", "Summary", [], ""),
        ("timeline", "Timeline and clocks", [], ""),
        (
            "submission",
            "Submission",
            [
                *([("gaps", "Gaps")] if filed else []),
                *((one.name, one.title) for one in filed),
                *_further(file),
            ],
            "" if filed else "Nothing has been filed yet.",
        ),
        (
            "evidence",
            "Evidence",
            [
                *((one.domain.value, f"{one.domain.label} evidence") for one in evidence),
                ("files", "Files and digests"),
            ],
            "" if evidence else "No evidence is attached yet.",
        ),
        (
            "reviews",
            "Discipline reviews",
            [(line.review.id, line.review.discipline.label) for line in file.reviews],
            "" if file.reviews else until_decided or "No review has been begun yet.",
        ),
        (
            "requests",
            "Information requests",
            [(one.id, one.number) for one in issued],
            "" if issued else "No question has been asked that stops the clock.",
        ),
        (
            "memo",
            "Recommendation",
            [],
            "" if file.memo else until_decided or "No recommendation has been written yet.",
        ),
        ("notice", "Notice and response", [], "" if file.notices else _no_notice(file)),
        (
            "decision",
            "Decision and reasons",
            _decision_parts(file),
            "" if file.decision else until_decided or "No decision has been drafted yet.",
        ),
        ("signatures", "Signatures", [], "" if file.signatures else "Nothing has been signed yet."),
        (
            "ledger",
            "Ledger extract",
            [
                ("entries", "Entries of this case"),
                ("checkpoint", "Checkpoint"),
                ("verify", "How to verify without us"),
            ],
            "",
        ),
    ]
    return tuple(
        Chapter(
            key=key,
            number=number,
            title=title,
            parts=() if absent else tuple(
                Part(key=part, number=f"{number}.{place}", title=words)
                for place, (part, words) in enumerate(parts, 1)
            ),
            absent=absent,
        )
        for number, (key, title, parts, absent) in enumerate(listed, 1)
    )  # fmt: skip


def _further(file: CaseFile) -> list[tuple[str, str]]:
    filed = file.filed
    found = []
    if filed is not None and filed.submitter_notes:
        found.append(("notes", "The submitter's notes"))
    if filed is not None and filed.further_statements:
        found.append(("further", "Further statements"))
    if file.checklist is not None:
        found.append(("checklist", "Acceptance checklist"))
    return found


def _decision_parts(file: CaseFile) -> list[tuple[str, str]]:
    if file.decision is None:
        return []
    proposal = file.decision.proposal
    parts = [("reasons", "Statement of reasons"), ("options", "Alternatives and comparable cases")]
    if proposal.conditions:
        parts.append(("conditions", "Conditions"))
        parts.append(("wayback", "Way back"))
    if file.panel is not None:
        parts.append(("panel", "Panel advice"))
    return parts


def _no_notice(file: CaseFile) -> str:
    if file.header.state is State.DECIDED_APPROVED:
        return "None was needed: a notice comes before an adverse decision only."
    return "No notice has been issued yet. One comes before an adverse decision only."
