"""The reviewers' and the lead's acts: findings, reviews, information requests, memo and recommendation."""

from datetime import timedelta
from typing import Any

import msgspec

from review.acts.door import Door, act
from review.rules.clock import ClockKind
from review.rules.entities import Finding, InformationRequest, Memo
from review.rules.given import (
    FindingGiven,
    MemoGiven,
    Questions,
    Reason,
    ReviewConclusion,
    ReviewOf,
    Withdrawal,
)
from review.rules.refusals import Refusal, Refused
from review.rules.vocabulary import Act, Discipline, Role


def _own_review(door: Door, discipline: Discipline) -> Any:
    """The actor's own live review of a discipline."""
    for review in door.f.live_reviews:
        if review.discipline is discipline and review.person_id == door.f.actor.id:
            return review
    raise Refused(
        (Refusal(code="review_by_reviewers", sentence="You have no review of this discipline here."),)
    )


def _reopen(door: Door, discipline: Discipline) -> None:
    """A change after signing marks the signature superseded, visibly (21 CFR 11.70)."""
    review = _own_review(door, discipline)
    if review.signature_id is None:
        return
    for signature in door.f.signatures:
        if signature.id == review.signature_id and signature.superseded is None:
            door.change(signature, superseded="The review was changed after signing")
    door.change(review, signature_id=None, signed_on=None)


@act(Act.WRITE_FINDING)
def write_finding(door: Door, given: FindingGiven) -> None:
    """K10: a new finding, numbered in its discipline: F-CY-01."""
    assert door.case is not None
    review = _own_review(door, given.discipline)
    count = sum(f.discipline is given.discipline for f in door.f.findings)
    finding = Finding(
        id=door.new_id(),
        case_id=door.case.id,
        review_id=review.id,
        discipline=given.discipline,
        number=f"F-{given.discipline.code}-{count + 1:02d}",
        statement=given.statement.strip(),
        severity=given.severity,
        domain=given.domain,
        tier=given.tier,
        citations=given.citations,
        uncertainty=given.uncertainty.strip(),
        alternative_reading=given.alternative_reading.strip(),
        author_id=door.f.actor.id,
    )
    door.put(finding)
    _reopen(door, given.discipline)
    door.result = finding.number


def _own_finding(door: Door, target: str | None) -> Finding:
    finding = next(
        (f for f in door.f.live_findings if f.id == target and f.author_id == door.f.actor.id), None
    )
    if finding is None:
        raise Refused((Refusal(code="review_by_reviewers", sentence="Only the author changes a finding."),))
    return finding


@act(Act.REVISE_FINDING)
def revise_finding(door: Door, given: FindingGiven) -> None:
    """K11: a new version of one's own finding; the ledger keeps the old one."""
    finding = _own_finding(door, given.target)
    door.change(
        finding,
        statement=given.statement.strip(),
        severity=given.severity,
        domain=given.domain,
        tier=given.tier,
        citations=given.citations,
        uncertainty=given.uncertainty.strip(),
        alternative_reading=given.alternative_reading.strip(),
    )
    _reopen(door, finding.discipline)
    door.result = finding.number


@act(Act.WITHDRAW_FINDING)
def withdraw_finding(door: Door, given: Withdrawal) -> None:
    """K12: it stays readable, with the reason."""
    finding = _own_finding(door, given.target)
    door.change(finding, withdrawn=given.reason)
    _reopen(door, finding.discipline)


@act(Act.CONCLUDE_REVIEW)
def conclude_review(door: Door, given: ReviewConclusion) -> None:
    """K13: scope, conclusion and summary of one's own review."""
    _reopen(door, given.discipline)
    review = _own_review(door, given.discipline)
    door.change(
        review,
        signature_id=None,
        signed_on=None,
        conclusion=given.conclusion,
        scope=given.scope.strip(),
        summary=given.summary.strip(),
        proposed_conditions=given.proposed_conditions.strip(),
    )


@act(Act.SIGN_REVIEW)
def sign_review(door: Door, given: ReviewOf) -> None:
    """K14: the discipline's signed review."""
    assert door.signature is not None
    review = _own_review(door, given.discipline)
    door.change(review, signature_id=door.signature.id, signed_on=door.today)


@act(Act.DRAFT_INFORMATION_REQUEST)
def draft_information_request(door: Door, given: Questions) -> None:
    """K15: a draft of one's own, new or replaced."""
    assert door.case is not None
    draft = door.f.draft_request
    items = tuple(
        item if item.id else msgspec.structs.replace(item, id=f"Q-{n}")
        for n, item in enumerate(given.items, 1)
    )
    role = Role.LEAD if Role.LEAD in door.f.my_roles else Role.REVIEWER
    if draft is not None:
        door.change(draft, items=items, concurred_by=None, drafted_by=door.f.actor.id, drafted_by_role=role)
        return
    number = f"IR-{len(door.f.requests) + 1:02d}"
    door.put(
        InformationRequest(
            id=door.new_id(),
            case_id=door.case.id,
            number=number,
            items=items,
            drafted_by=door.f.actor.id,
            drafted_by_role=role,
        )
    )
    door.result = number


@act(Act.CONCUR_INFORMATION_REQUEST)
def concur_information_request(door: Door, _given: Any) -> None:
    """K16: another person agrees with the question."""
    draft = door.f.draft_request
    assert draft is not None
    door.change(draft, concurred_by=door.f.actor.id)


@act(Act.ISSUE_INFORMATION_REQUEST)
def issue_information_request(door: Door, _given: Any) -> None:
    """T10: the clock stops; the lab has 60 days."""
    draft = door.f.draft_request
    assert draft is not None
    days = door.f.policy.information_requests.answer_days
    door.change(
        draft,
        issued_at=door.now,
        issued_by=door.f.actor.id,
        concurred_by=draft.concurred_by or door.f.actor.id,
        answer_by=door.today + timedelta(days=days),
    )
    door.turn_clock(ClockKind.STOP, reason=draft.number, hold=draft.number)


@act(Act.DEEM_WITHDRAWN)
def deem_withdrawn(door: Door, _given: None) -> None:
    """T12: sixty days of silence, twice warned."""
    door.end_clock()


@act(Act.DRAFT_MEMO)
def draft_memo(door: Door, given: MemoGiven) -> None:
    """K18: the cross-discipline memo with its benefit-risk grid."""
    assert door.case is not None and door.cycle is not None
    values = {field: getattr(given, field) for field in given.__struct_fields__}
    if door.f.memo is not None:
        door.change(door.f.memo, **values, author_id=door.f.actor.id, signature_id=None)
        return
    door.put(
        Memo(
            id=door.new_id(),
            case_id=door.case.id,
            cycle_id=door.cycle.id,
            author_id=door.f.actor.id,
            **values,
        )
    )


@act(Act.RECOMMEND)
def recommend(door: Door, _given: Any) -> None:
    """T18: the signed memo goes to the deciding official."""
    assert door.f.memo is not None and door.signature is not None
    door.change(door.f.memo, signature_id=door.signature.id)


@act(Act.RETURN_RECOMMENDATION)
def return_recommendation(door: Door, given: Reason) -> None:
    """T19: back to review, with reasons, once."""
    assert door.f.memo is not None and door.cycle is not None
    door.reason = given.reason
    door.change(door.f.memo, returned_because=given.reason)
    door.update_cycle(returned=door.cycle.returned + 1)


@act(Act.FORWARD_CLEAN)
def forward_clean(door: Door, _given: Any) -> None:
    """T20: an approval without conditions needs no notice."""
