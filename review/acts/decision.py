"""Notice, concurrence, decision, ratification: the acts of the deciding official and those beside."""

from datetime import timedelta
from typing import Any

from review.acts.door import Door, act
from review.rules import conditions as condition_rules
from review.rules.clock import ClockKind
from review.rules.entities import Authorization, Decision, NoticeOfIntendedDecision, PanelAdvice
from review.rules.given import Advice, NotConcurred, ProposalGiven, Target
from review.rules.vocabulary import Act, Outcome


@act(Act.DRAFT_NOTICE)
def draft_notice(door: Door, given: ProposalGiven) -> None:
    """K19: the notice's text; a change after concurrence shows, because the concurrence no longer fits."""
    assert door.case is not None and door.cycle is not None
    draft = door.f.draft_notice
    if draft is not None:
        door.change(
            draft,
            proposal=given.proposal,
            version=draft.version + 1,
            drafted_by=door.f.actor.id,
            counsel_note="",
        )
        return
    door.put(
        NoticeOfIntendedDecision(
            id=door.new_id(),
            case_id=door.case.id,
            cycle_id=door.cycle.id,
            ordinal=len(door.f.notices) + 1,
            proposal=given.proposal,
            drafted_by=door.f.actor.id,
        )
    )


@act(Act.CONCUR_LEGAL_SUFFICIENCY)
def concur_legal_sufficiency(door: Door, given: Target | None) -> None:
    """K21: counsel's signature on the notice or the decision as it stands."""
    assert door.signature is not None
    record = door.f.decision if door.signature.record_kind == Decision.kind else door.f.draft_notice
    assert record is not None
    door.change(record, counsel_signature_id=door.signature.id, counsel_note="")


@act(Act.DECLINE_CONCURRENCE)
def decline_concurrence(door: Door, given: NotConcurred) -> None:
    """K27: counsel says what is not sufficient; the lead reads it, and no earlier concurrence stands."""
    record = door.f.decision if given.target == "decision" else door.f.draft_notice
    assert record is not None
    door.change(record, counsel_signature_id=None, counsel_note=given.reason)


@act(Act.ISSUE_NOTICE, Act.ISSUE_NEW_NOTICE)
def issue_notice(door: Door, _given: Any) -> None:
    """T21, T24: the lab is told what is intended and why; the clock stands while it may answer."""
    draft = door.f.draft_notice
    assert draft is not None and door.signature is not None
    door.change(
        draft,
        signature_id=door.signature.id,
        issued_at=door.now,
        respond_by=door.today + timedelta(days=door.f.policy.notice.window_days),
    )
    door.turn_clock(ClockKind.STOP, reason="The notice", hold=f"NOTICE-{draft.ordinal}")


@act(Act.OPEN_RESPONSE_WINDOW)
def open_response_window(door: Door, _given: None) -> None:
    """T22: in the transaction of the notice."""


@act(Act.CLOSE_RESPONSE_WINDOW)
def close_response_window(door: Door, _given: None) -> None:
    """T23b: the window lapsed without a response."""
    notice = door.f.last_notice
    assert notice is not None
    door.change(notice, responded_at=door.now, response="LAPSE")
    door.turn_clock(ClockKind.RESUME, reason="The notice", hold=f"NOTICE-{notice.ordinal}")


@act(Act.DRAFT_DECISION)
def draft_decision(door: Door, given: ProposalGiven) -> None:
    """K20: the decision's text, with an answer to each point of the lab's response."""
    assert door.case is not None and door.cycle is not None
    last = door.f.last_notice
    values: dict[str, Any] = {
        "proposal": given.proposal,
        "point_answers": dict(given.point_answers),
        "notice_id": last.id if last else None,
        "drafted_by": door.f.actor.id,
        "counsel_note": "",
    }
    draft = door.f.decision
    if draft is not None:
        door.change(draft, version=draft.version + 1, **values)
        return
    number = (door.case.number or "").removeprefix("FMR-")
    door.put(
        Decision(
            id=door.new_id(), case_id=door.case.id, cycle_id=door.cycle.id, number=f"DEC-{number}-1", **values
        )
    )


@act(Act.RECORD_PANEL_ADVICE)
def record_panel_advice(door: Door, given: Advice) -> None:
    """K22: what the panel advised on an open-weight release, and why the official departs from it, if so."""
    assert door.case is not None and door.signature is not None
    values = {field: getattr(given, field) for field in given.__struct_fields__}
    door.put(
        PanelAdvice(
            id=door.signature.record_id, case_id=door.case.id, signature_id=door.signature.id, **values
        )
    )


@act(Act.RATIFY)
def ratify(door: Door, _given: Any) -> None:
    """K23: the ratifier's concurring signature on the decision as it stands."""
    assert door.f.decision is not None and door.signature is not None
    door.change(door.f.decision, ratifier_signature_id=door.signature.id)


@act(Act.APPROVE, Act.RESTRICT, Act.DENY)
def decide(door: Door, _given: Any) -> None:
    """T25, T26, T27: the decision is signed and issued; the clock ends; an authorization begins, or none."""
    decision = door.f.decision
    assert decision is not None and door.signature is not None and door.case is not None
    door.change(decision, signature_id=door.signature.id, decided_at=door.now)
    outcome = decision.proposal.outcome
    door.update_case(outcome=outcome, decided_on=door.today)
    door.end_clock()
    if outcome is not Outcome.DENY:
        _authorize(door, decision)


def _authorize(door: Door, decision: Decision) -> None:
    assert door.case is not None
    sunset = condition_rules.sunset_of(r.condition for r in decision.proposal.conditions)
    year = f"{door.today:%Y}"
    door.put(
        Authorization(
            id=door.new_id(),
            case_id=door.case.id,
            number=f"AUTH-{year}-{door.next_number(f'AUTH-{year}'):04d}",
            decision_id=decision.id,
            status="ACTIVE_WITH_CONDITIONS" if decision.proposal.conditions else "ACTIVE",
            conditions=decision.proposal.conditions,
            effective_on=door.today,
            expires_on=sunset[0] if sunset else None,
            on_expiry=sunset[1] if sunset else None,
        )
    )
