"""What a signature covers and says (21 CFR 11.50, 11.70).

The *content* of a record is what its signer vouches for: the record without its signatures, with all that it
relied on. A signature holds while the content of the record is still the one signed.
"""

from typing import Any

import msgspec

from review.rules.entities import (
    Decision,
    DisciplineReview,
    EvidenceItem,
    FilingVersion,
    Finding,
    Memo,
    NoticeOfIntendedDecision,
    PanelAdvice,
)
from review.rules.facts import Actor, Facts
from review.rules.vocabulary import Meaning, Role, Word

Content = dict[str, Any]
DOMAIN = "model-review/signed-record/1"


class RecordKind(Word):
    """Kinds of record that people sign."""

    FILING = "filing_version"
    REVIEW = "discipline_review"
    MEMO = "memo"
    NOTICE = "notice"
    DECISION = "decision"
    PANEL = "panel_advice"


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _files(items: list[EvidenceItem]) -> list[Content]:
    return [
        {"number": item.number, "files": [{"name": f.name, "sha256": f.sha256} for f in item.files]}
        for item in sorted(items, key=lambda item: item.number)
        if item.withdrawn is None
    ]


def filing_content(answers: Any, instruments: dict[str, int], evidence: list[EvidenceItem]) -> Content:
    """A filing: the answers, the form versions, and every evidence file by its digest."""
    return {"answers": _plain(answers), "instruments": instruments, "evidence": _files(evidence)}


def of_filing(filing: FilingVersion, evidence: dict[str, EvidenceItem]) -> Content:
    items = [evidence[id] for id in filing.evidence if id in evidence]
    return filing_content(filing.answers, filing.instruments, items)


def of_review(review: DisciplineReview, findings: tuple[Finding, ...]) -> Content:
    """A discipline review: its conclusion and every finding that stands, with the evidence cited."""
    own = sorted(
        (f for f in findings if f.review_id == review.id and f.withdrawn is None), key=lambda f: f.number
    )
    return {
        "discipline": review.discipline.value,
        "scope": review.scope,
        "conclusion": review.conclusion.value if review.conclusion else None,
        "summary": review.summary,
        "proposed_conditions": review.proposed_conditions,
        "findings": [_plain(finding) for finding in own],
    }


def of_memo(memo: Memo) -> Content:
    return {
        "recommendation": memo.recommendation.value,
        "summary": memo.summary,
        "benefit_risk": _plain(memo.benefit_risk),
        "consults": memo.consults,
        "conditions_note": memo.conditions_note,
    }


def of_notice(notice: NoticeOfIntendedDecision) -> Content:
    return {"ordinal": notice.ordinal, "proposal": _plain(notice.proposal)}


def of_decision(decision: Decision) -> Content:
    return {
        "number": decision.number,
        "proposal": _plain(decision.proposal),
        "point_answers": dict(decision.point_answers),
        "notice": decision.notice_id,
    }


def of_panel(panel: PanelAdvice) -> Content:
    return {
        "members": panel.members,
        "question": panel.question,
        "advice": panel.advice,
        "votes": panel.votes,
        "departure": panel.departure,
    }


def current_contents(f: Facts) -> dict[tuple[str, str], Content]:
    """The content of every signable record of the case as it stands, by (kind, id)."""
    found: dict[tuple[str, str], Content] = {}
    for review in f.reviews:
        found[RecordKind.REVIEW, review.id] = of_review(review, f.findings)
    if f.memo is not None:
        found[RecordKind.MEMO, f.memo.id] = of_memo(f.memo)
    for notice in f.notices:
        found[RecordKind.NOTICE, notice.id] = of_notice(notice)
    if f.decision is not None:
        found[RecordKind.DECISION, f.decision.id] = of_decision(f.decision)
    if f.panel is not None:
        found[RecordKind.PANEL, f.panel.id] = of_panel(f.panel)
    return found


def signed_record(
    *, signer: Actor, role: Role, meaning: Meaning, case: Content, kind: str, content: Content, nonce: str
) -> Content:
    """The document that is shown, signed and kept: who signs what, meaning what, about which case."""
    return {
        "domain": DOMAIN,
        "signer": {"id": signer.id, "user_id": signer.user_id, "name": signer.name, "role": role.value},
        "meaning": meaning.value,
        "says": meaning.sentence,
        "case": case,
        "record": {"kind": kind, "content": content},
        "nonce": nonce,
    }
