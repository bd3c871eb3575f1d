"""The statement of reasons: seven parts, drafted from findings and memo, checked before anybody signs (G-REASONS).

A draft is text to edit. Each sentence carries the tag of its source in square brackets, such as [F-CY-01] or
[EV-04], so that a reader can open it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

import msgspec

from review.rules.vocabulary import BenefitRiskDimension, Discipline, Outcome, Severity

NO_FINDING = "The disciplines that signed found no concern. No finding was written. [memo]"
NO_FINDING_EVIDENCE = (
    "Their reviews rest on the evidence listed in the record. No item was found to raise a concern."
)
NO_NOTICE_ANSWERED = "No notice has been answered."
"""What part 7 says wherever no response to a notice has been given."""

NOTHING_RESTRICTED = "Nothing is restricted or denied, so no less restrictive option was needed."
_TAG = re.compile(r"\[((?:F|EV|IR|C|DEC|NOID|P)-[A-Z0-9-]+|memo(?: [\d.]+)?)\]")


class ReasonsPart(msgspec.Struct, frozen=True, kw_only=True):
    """One of the seven parts: its key in the record, number, title and what belongs in it."""

    key: str
    number: int
    title: str
    short: str
    hint: str


PARTS: tuple[ReasonsPart, ...] = tuple(
    ReasonsPart(key=key, number=number, short=short, title=title, hint=hint)
    for number, (key, short, title, hint) in enumerate(
        (
            ("authority", "Authority", "Legal authority", "Under what the agency acts in this case."),
            ("facts", "Facts found", "Facts found", "What the reviews found, the decisive findings first."),
            ("evidence", "Evidence", "Evidence", "On which items each finding rests, and what is not known."),
            (
                "risk",
                "Risk reasoning",
                "Risk reasoning",
                "How the facts lead to the harm, and the benefit lost.",
            ),
            (
                "alternatives",
                "Alternatives",
                "Alternatives considered",
                "Less restrictive options, and why not.",
            ),
            ("precedents", "Precedents", "Comparison with precedents", "Comparable cases, and what differs."),
            (
                "response",
                "Answer to the lab",
                "Answer to the lab's response",
                "Each point of the lab, answered.",
            ),
        ),
        1,
    )
)
KEYS = tuple(part.key for part in PARTS)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What a text lacks, and where. `key` is that of the part."""

    key: str
    sentence: str


class Cited(Protocol):
    @property
    def number(self) -> str: ...
    @property
    def locator(self) -> str: ...
    @property
    def value(self) -> str: ...


class Found(Protocol):
    """A finding that stands."""

    @property
    def number(self) -> str: ...
    @property
    def statement(self) -> str: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def discipline(self) -> Discipline: ...
    @property
    def uncertainty(self) -> str: ...
    @property
    def citations(self) -> Sequence[Cited]: ...


class GridRow(Protocol):
    @property
    def dimension(self) -> BenefitRiskDimension: ...
    @property
    def evidence_uncertainties(self) -> str: ...
    @property
    def conclusions_reasons(self) -> str: ...


class Memorandum(Protocol):
    @property
    def summary(self) -> str: ...
    @property
    def recommendation(self) -> Outcome: ...
    @property
    def benefit_risk(self) -> Sequence[GridRow]: ...


class Option(Protocol):
    """A less restrictive option that was considered."""

    @property
    def description(self) -> str: ...
    @property
    def residual_tier(self) -> str: ...
    @property
    def why_insufficient(self) -> str: ...
    @property
    def citations(self) -> Sequence[Cited]: ...


class Precedent(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def comparison(self) -> str: ...
    @property
    def distinguishing_factor(self) -> str: ...


class Answered(Protocol):
    """One point of the lab's response, with the agency's answer."""

    @property
    def text(self) -> str: ...
    @property
    def answer(self) -> str: ...


def draft(
    findings: Sequence[Found],
    memo: Memorandum | None,
    legal_basis: str,
    alternatives: Sequence[Option],
    comparables: Sequence[Precedent],
    response_answers: Sequence[Answered],
    *,
    comparables_note: str = "",
) -> dict[str, str]:
    """The seven parts as text to edit, by key; a part for which there is no material is empty."""
    ordered = sorted(findings, key=lambda one: (-list(Severity).index(one.severity), one.number))
    adverse = memo is None or memo.recommendation is not Outcome.APPROVE
    options = _options(alternatives)
    return {
        "authority": legal_basis.strip(),
        "facts": _paragraphs(f"{_ended(one.statement)} [{one.number}]" for one in ordered)
        or ("" if adverse else NO_FINDING),
        "evidence": _paragraphs(_rests(one) for one in ordered) or ("" if adverse else NO_FINDING_EVIDENCE),
        "risk": _risk(memo),
        "alternatives": options or ("" if adverse else NOTHING_RESTRICTED),
        "precedents": _paragraphs([*(_precedent(one) for one in comparables), comparables_note.strip()]),
        "response": _points(response_answers) or NO_NOTICE_ANSWERED,
    }


def problems(reasons: Mapping[str, str], has_answered_notice: bool) -> tuple[Problem, ...]:
    """What keeps the statement of reasons from being signed, part by part, in their order.

    Parts 1 to 6 are never empty. Part 7 answers the lab after a response to a notice; elsewhere it is the fixed
    sentence and nothing else.
    """
    found = [Problem(key=key, sentence=f"There is no part {key}.") for key in reasons if key not in KEYS]
    found += [
        Problem(key=part.key, sentence=f"Part {part.number}, {part.short.lower()}, is empty.")
        for part in PARTS[:-1]
        if not reasons.get(part.key, "").strip()
    ]
    last = reasons.get("response", "").strip()
    if has_answered_notice and last in ("", NO_NOTICE_ANSWERED):
        found.append(Problem(key="response", sentence="Part 7 does not answer the lab's response."))
    if not has_answered_notice and last != NO_NOTICE_ANSWERED:
        found.append(Problem(key="response", sentence=f"Part 7 reads: {NO_NOTICE_ANSWERED}"))
    return tuple(found)


def tags(text: str) -> tuple[str, ...]:
    """The sources that a text names, in order, each once: ("F-CY-01", "EV-04", "memo")."""
    return tuple(dict.fromkeys(_TAG.findall(text)))


def pieces(text: str) -> tuple[tuple[str, bool], ...]:
    """The text cut at its tags, as (text, is a tag), for a page that makes each tag a link."""
    cut = _TAG.split(text)
    return tuple((piece, place % 2 == 1) for place, piece in enumerate(cut) if piece)


def unknown_sources(reasons: Mapping[str, str], known: Collection[str]) -> tuple[Problem, ...]:
    """Tags that name no finding or item of this case; the memo is always known."""
    return tuple(
        Problem(key=key, sentence=f"{tag} is no source in this case.")
        for key, text in reasons.items()
        for tag in tags(text)
        if tag not in known and not tag.startswith("memo")
    )


VAGUE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), advice)
    for pattern, advice in (
        (r"\bnational security (?:concerns?|reasons?|grounds?)\b", "Say which capability, act and harm."),
        (r"\bas appropriate\b|\bwhere appropriate\b", "Say what is done, and when."),
        (r"\b(?:all|any) foreign nationals?\b", "Say who, where and on which channel."),
        (
            r"\b(?:adequate|appropriate|reasonable|sufficient) (?:measures|safeguards|steps)\b",
            "Say which ones.",
        ),
        (r"\bserious concerns?\b", "Say what could happen, to whom."),
        (r"\bas soon as possible\b|\bin due course\b|\bpromptly\b", "Give a day or a number of hours."),
    )
)
"""Phrases that say nothing by themselves, each with what to say instead."""

_AGENCY_ALONE = re.compile(
    r"until (?:we|further notice|the agency|the office)\b"
    r"|\b(?:agency|office) (?:is satisfied|decides|deems|considers|sees fit|determines)\b"
    r"|\bat the (?:agency|office)['’]s discretion\b|\bwhen (?:we|the agency|the office)\b",
    re.IGNORECASE,
)
_MEASURE = re.compile(r"\d")


def vagueness(text: str) -> tuple[str, ...]:
    """Vague phrases in a text, each quoted with what to say instead. A warning, never a block."""
    return tuple(
        f"“{found.group(0)}” is vague. {advice}"
        for pattern, advice in VAGUE
        for found in pattern.finditer(text)
    )


def restoration_problems(text: str, end_date: date | None = None) -> tuple[str, ...]:
    """What is wrong with a restoration criterion: it hangs on the agency alone, or names no threshold.

    A fixed end date cures both: then the condition ends whatever the agency does.
    """
    if end_date is not None:
        return ()
    if not text.strip():
        return ("Name a measure and a threshold, or give an end date.",)
    found = _AGENCY_ALONE.search(text)
    if found:
        return (f"“{found.group(0)}” depends on the agency alone. Name a measure, or give an end date.",)
    return () if _MEASURE.search(text) else ("Give the threshold as a number.",)


def _rests(one: Found) -> str:
    """One finding's evidence: the items, what they measure and where, then what is not known."""
    items = [_citation(cited) for cited in one.citations]
    rests = (
        f"[{one.number}] rests on {_listed(items)}." if items else f"[{one.number}] cites no evidence item."
    )
    unknown = one.uncertainty.strip()
    return f"{rests} What is not known: {_ended(unknown)}" if unknown else rests


def _citation(cited: Cited) -> str:
    said = [f"[{cited.number}]"]
    if cited.value.strip():
        said.append(cited.value.strip())
    if cited.locator.strip():
        said.append(f"at {cited.locator.strip()}")
    return ", ".join(said)


def _risk(memo: Memorandum | None) -> str:
    if memo is None:
        return ""
    rows = (
        f"{row.dimension.label}: {_ended(row.evidence_uncertainties)} {_ended(row.conclusions_reasons)} [memo]"
        for row in memo.benefit_risk
        if row.conclusions_reasons.strip()
    )
    summary = f"{_ended(memo.summary)} [memo]" if memo.summary.strip() else ""
    return _paragraphs([*rows, summary])


def _options(alternatives: Sequence[Option]) -> str:
    said = []
    for number, one in enumerate(alternatives, 1):
        remains = f" What would remain: {_ended(one.residual_tier)}" if one.residual_tier.strip() else ""
        sources = "".join(f" [{cited.number}]" for cited in one.citations)
        why = f" Not enough, because: {_ended(one.why_insufficient)}" if one.why_insufficient.strip() else ""
        said.append(f"{number}. {_ended(one.description)}{remains}{why}{sources}")
    return _paragraphs(said)


def _precedent(one: Precedent) -> str:
    outcome = f" ({one.outcome.strip()})" if one.outcome.strip() else ""
    said = f"{one.name.strip()}{outcome}: {_ended(one.comparison)}"
    factor = one.distinguishing_factor.strip()
    return f"{said} What distinguishes this case: {_ended(factor)}" if factor else said


def _points(answers: Sequence[Answered]) -> str:
    return _paragraphs(
        f"Point {number}. “{point.text.strip()}” {_ended(point.answer)}".strip()
        for number, point in enumerate(answers, 1)
    )


def _paragraphs(lines: Iterable[str]) -> str:
    return "\n\n".join(line for line in lines if line)


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{'; '.join(items[:-1])}; and {items[-1]}"


def _ended(text: str) -> str:
    """The text with one full stop at its end."""
    bare = text.strip()
    return bare if not bare or bare[-1] in ".?!”" else f"{bare}."
