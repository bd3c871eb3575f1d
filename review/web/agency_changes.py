"""What differs between the text with which counsel last concurred and the text as it stands."""

from collections.abc import Mapping
from typing import Any

import msgspec

from review.records.files import FileStore
from review.rules import conditions, reasons
from review.rules.entities import Decision, NoticeOfIntendedDecision, Proposal, Signature
from review.rules.facts import Facts
from review.rules.signature import RecordKind
from review.rules.vocabulary import Meaning
from review.web.here import Here


def open_for_counsel(f: Facts) -> Decision | NoticeOfIntendedDecision | None:
    """The text that waits for counsel: a drafted notice, unless counsel has concurred and a decision waits too."""
    decision = f.decision if f.decision is not None and f.decision.decided_at is None else None
    notice = f.draft_notice
    if notice is None or (decision is not None and f.signed(notice.counsel_signature_id)):
        return decision
    return notice


def last_concurrence(f: Facts) -> Signature | None:
    """Counsel's newest signature on the text that is open now."""
    target = open_for_counsel(f)
    if target is None:
        return None
    kind = RecordKind.DECISION if isinstance(target, Decision) else RecordKind.NOTICE
    mine = [
        s
        for s in f.signatures
        if s.record_kind == kind and s.record_id == target.id and s.meaning is Meaning.LEGAL_SUFFICIENCY
    ]
    return max(mine, key=lambda s: s.at) if mine else None


def changes_since_concurrence(here: Here, f: Facts) -> list[dict[str, str]] | None:
    """Places that differ, with the words before and after; None where counsel has not concurred before."""
    signed = last_concurrence(f)
    if signed is None or f.case is None:
        return None
    before = signed_proposal(here.office.files, f.case.id, signed)
    target = f.decision if signed.record_kind == RecordKind.DECISION else f.draft_notice
    if before is None or target is None:
        return None
    old_answers, old = before
    new_answers = f.decision.point_answers if f.decision and target is f.decision else {}
    return differences(old, target.proposal, old_answers, new_answers)


def signed_proposal(
    files: FileStore, case_id: str, signed: Signature
) -> tuple[dict[str, str], Proposal] | None:
    """The proposal inside the signed bytes, which the file store keeps for ever."""
    try:
        kept = msgspec.json.decode(files.read(case_id, signed.record_sha256))
    except (OSError, ValueError):
        return None
    content = kept["record"]["content"]
    return dict(content.get("point_answers", {})), msgspec.convert(content["proposal"], Proposal)


def differences(
    old: Proposal, new: Proposal, old_answers: Mapping[str, str], new_answers: Mapping[str, str]
) -> list[dict[str, str]]:
    """Every place whose words differ, in the order of the text."""
    before, after = _places(old, old_answers), _places(new, new_answers)
    keys = [*after, *(key for key in before if key not in after)]
    return [
        {"field": key, "before": before.get(key, ""), "after": after.get(key, "")}
        for key in keys
        if before.get(key, "") != after.get(key, "")
    ]


def _places(proposal: Proposal, answers: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, Any] = {"Outcome": proposal.outcome.label}
    for record in proposal.conditions:
        found[record.id] = conditions.sentence(record.condition)
        found[f"{record.id}, feasibility"] = conditions.feasibility_sentence(record.feasibility)
        found[f"{record.id}, answers"] = ", ".join(record.findings)
        found[f"{record.id}, verification"] = record.verification
        found[f"{record.id}, way back"] = record.restoration
    for number, option in enumerate(proposal.alternatives, 1):
        found[f"Option {number}"] = f"{option.description}. {option.why_insufficient}"
    for number, one in enumerate(proposal.comparables, 1):
        found[f"Comparable {number}"] = f"{one.name}: {one.comparison} {one.distinguishing_factor}".strip()
    found["Comparable cases"] = proposal.comparables_note
    found["Transition"] = proposal.transition
    found["Path to approval"] = proposal.path_to_approval
    for part in reasons.PARTS:
        found[f"Reasons, part {part.number}"] = proposal.reasons.get(part.key, "")
    for key, answer in answers.items():
        found[f"Point {key.removeprefix('P-')}"] = answer
    return {key: value for key, value in found.items() if value}
