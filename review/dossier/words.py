"""The sentences that a dossier makes by rule: what was decided, what the filing asked, what is not there yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from review.casefile.shape import CaseFile
from review.dossier.sections import InstrumentReading
from review.printing.filters import counted, join_words, percent, spelled
from review.rules import conditions, policy
from review.rules.clock import local_date
from review.rules.days import spelled as day_spelled
from review.rules.vocabulary import DECIDED, ENDED, Act, Audience, Outcome, Severity, State, Turn

MARKS = {
    Audience.INTERNAL_FULL: "Contains trade secrets, (b)(4). Not for release.",
    Audience.LAB: "Contains the lab's confidential information. For the lab.",
}
NOUNS = {Outcome.APPROVE: "approval", Outcome.RESTRICT: "restriction", Outcome.DENY: "denial"}
EDITIONS = {Audience.INTERNAL_FULL: "INTERNAL FULL", Audience.LAB: "LAB"}

TOLD = frozenset(
    {
        Act.SIGN_REVIEW, Act.CONCUR_REFUSAL, Act.CONCUR_LEGAL_SUFFICIENCY, Act.CONCUR_INFORMATION_REQUEST,
        Act.DECLINE_CONCURRENCE, Act.RECORD_PANEL_ADVICE, Act.RATIFY, Act.WARN, Act.RECUSE, Act.WITHDRAW_EVIDENCE, Act.WITHDRAW_FINDING,
        Act.ISSUE_INFORMATION_REQUEST, Act.RESPOND_TO_INFORMATION_REQUEST,
    }
)  # fmt: skip
"""Acts that a timeline tells besides those that move the case."""


def steps(file: CaseFile) -> dict[str, Any]:
    """The entries that a timeline tells, and how many it leaves to the ledger extract."""
    told = [entry for entry in file.timeline if not entry.refused and (entry.moves or entry.act in TOLD)]
    return {"steps": told, "other_steps": len(file.timeline) - len(told)}


def gaps(filed: Sequence[InstrumentReading]) -> dict[str, Any]:
    """Gaps with a reason, those with the same one together; optional questions left empty by name."""
    stated: dict[tuple[str, str], list[str]] = {}
    for one in filed:
        for gap in one.gaps:
            if gap.kind != "EMPTY":
                stated.setdefault((one.title, gap.sentence), []).append(gap.label)
    empty = [(one.title, _counted(gap.label for gap in one.gaps if gap.kind == "EMPTY")) for one in filed]
    return {
        "gaps_stated": [(form, sentence, _counted(labels)) for (form, sentence), labels in stated.items()],
        "gaps_empty": [(form, labels) for form, labels in empty if labels],
    }


def _counted(labels: Iterable[str]) -> list[str]:
    """Each label once, with its count where it stands for several questions."""
    return [label if n == 1 else f"{label} ({n} times)" for label, n in Counter(labels).items()]


def headline(file: CaseFile) -> tuple[str, str]:
    """The outcome in a few words, and one sentence below it."""
    head = file.header
    if broken(file):
        return (
            "Integrity failure",
            "A signed record no longer matches its signature. Do not rely on this copy.",
        )
    if head.state in DECIDED:
        return _decided(file)
    if head.state in ENDED:
        return head.state.label, "The case ended without a decision."
    where = head.state.label if head.state is not State.DRAFT else "Draft, not filed"
    if file.audience is Audience.LAB and head.turn is Turn.AGENCY:
        return f"{where}: no decision yet", "The agency works on it."
    waiting = f"{head.waiting_for[:1].upper()}{head.waiting_for[1:]}".rstrip(".")
    due = f" It is due by {day_spelled(head.due_on)}." if head.due_on else ""
    return f"{where}: no decision yet", f"{waiting}.{due}" if waiting else f"Nobody is waited for.{due}"


def broken(file: CaseFile) -> bool:
    """Whether a signature that counts no longer fits what was signed."""
    return any(not sign.holds and sign.superseded is None for sign in file.signatures)


def _decided(file: CaseFile) -> tuple[str, str]:
    granted = file.authorization
    on = f" Decided on {day_spelled(file.header.decided_on)}." if file.header.decided_on else ""
    if file.header.state is State.DECIDED_DENIED:
        return "Denied", f"The model may not be released as filed.{on}"
    if granted is None:
        return file.header.state.label, on.strip()
    count = len(granted.conditions)
    title = f"Restricted, with {counted(count, 'condition')}" if count else file.header.state.label
    ends = sunset(file)
    first = conditions.sentence(granted.conditions[0].condition, file.header.lab) if count == 1 else ""
    return title, " ".join(
        part
        for part in (first, f"The authorization holds from {day_spelled(granted.effective_on)}.", ends)
        if part
    )


def sunset(file: CaseFile) -> str:
    """When the conditions end, if they do."""
    granted = file.authorization
    if granted is None or granted.expires_on is None:
        return ""
    return f"It ends on {day_spelled(granted.expires_on)} unless renewed with fresh reasons."


def summary(file: CaseFile) -> list[str]:
    """What was asked and what came of it, each sentence from the record."""
    head = file.header
    filed = file.filed
    asked = (
        f"{head.lab} filed {head.title} on {day_spelled(head.received_on)}. The model is {head.model}"
        if head.received_on
        else f"{head.lab} has opened a draft for {head.title}. The model is {head.model}"
    )
    version = f", version {head.version}." if head.version else "."
    lines = [asked + version + (" Its weights would be open." if head.open_weights else "")]
    if filed is not None:
        lines[0] += (
            f" The filing is version {filed.ordinal}. It rests on {counted(len(file.evidence), 'evidence item')}"
            f" and leaves {counted(len(filed.gaps), 'gap')}, all named in section 3."
        )
    return [*lines, *_questions(file)]


def _questions(file: CaseFile) -> list[str]:
    issued = [request for request in file.requests if request.issued_at]
    if not issued:
        return []
    items = sum(len(request.items) for request in issued)
    answered = sum(item.answered for request in issued for item in request.items)
    times = _times(len(issued))
    verb = "is" if answered == 1 else "are"
    asked = f"The agency stopped the clock {times} and asked {counted(items, 'question')}"
    return [f"{asked}; {spelled(answered)} {verb} answered."]


def ending(file: CaseFile) -> list[str]:
    """How it went on after the reviews."""
    zone = policy.load(file.header.policy).agency.zone
    lines = []
    if file.memo is not None:
        lines.append(f"The review lead recommends {NOUNS[file.memo.recommendation]}.")
    for notice in file.notices:
        if notice.issued_at is None:
            continue
        points = counted(len(notice.points), "point")
        response = {
            "RESPONSE": f"The lab answered with {points}.",
            "WAIVER": "The lab waived its response.",
            "LAPSE": "The lab did not answer.",
        }
        lines.append(
            f"The notice of {day_spelled(local_date(notice.issued_at, zone))} announced {NOUNS[notice.proposal.outcome]}. "
            + response.get(notice.response, "The lab may still answer.")
        )
    if file.decision is not None and file.decision.concurred:
        lines.append("Counsel found the decision legally sufficient.")
    if file.decision is not None and file.decision.ratified:
        lines.append("It is ratified.")
    return [" ".join(lines)] if lines else []


def decisive(file: CaseFile) -> list[tuple[str, str, list[str]]]:
    """Number, statement and evidence of each decisive finding that stands."""
    return [
        (finding.number, finding.statement, [citation.number for citation in finding.citations])
        for line in file.reviews
        for finding in line.findings
        if finding.severity is Severity.DECISIVE and finding.withdrawn is None
    ]


def decided_by(file: CaseFile) -> str:
    """The official who signed the decision, if one did."""
    names = [sign.who for sign in file.signatures if sign.meaning == "Approval" and sign.superseded is None]
    return join_words(names[-1:])


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{spelled(count)} times")


def records(file: CaseFile) -> dict[str, str]:
    """What a signed record is called, by its id."""
    named = {line.review.id: f"of {line.review.discipline.label}" for line in file.reviews}
    named.update({notice.id: f"{notice.ordinal}, version {notice.version}" for notice in file.notices})
    return named


def share(text: str) -> str:
    """A share between 0 and 1 as a percentage; anything else as it was given."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return percent(number, 0 if number * 100 % 1 == 0 else 1) if 0 <= number <= 1 else text
