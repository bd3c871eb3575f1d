"""What a lab answers: the items of a question that stops the clock, and the notice of an intended decision."""

from hashlib import sha256
from typing import Any

import msgspec
from flask import Response

from review.acts.perform import Conflict, perform
from review.casefile.shape import CaseFile
from review.rules import conditions
from review.rules.entities import ConditionRecord, DeficiencyItem, InformationRequest, Proposal
from review.rules.given import ItemAnswer, NoticeAnswer
from review.rules.reasons import PARTS, pieces
from review.rules.refusals import Refusal, Refused
from review.rules.vocabulary import Act, State
from review.rules.workflow import ROW, refusals
from review.web.access import page
from review.web.here import Here
from review.web.lab_case import address, blueprint, case_file, documents_of, frame

MOST_POINTS = 40
FIRST_POINTS = 2


def questions(here: Here) -> Response:
    """The Questions tab: the open question as a checklist, and the ones answered before."""
    return _questions(here, {}, ())


def _questions(here: Here, typed: dict[str, dict[str, Any]], found: tuple[Refusal, ...]) -> Response:
    f = here.facts
    request = f.open_request
    file = case_file(here)
    items = [_item(one, typed.get(one.id)) for one in request.items] if request else []
    return here.answer(
        "lab/questions.html",
        **frame(here, "questions", "Questions"),
        request=request,
        items=items,
        done=sum(item["done"] for item in items),
        earlier=[one for one in file.requests if one.answered_at is not None],
        evidence=[item for item in f.evidence if item.withdrawn is None],
        may_send=ROW[Act.RESPOND_TO_INFORMATION_REQUEST],
        blocked=refusals(ROW[Act.RESPOND_TO_INFORMATION_REQUEST], f) if request else (),
        refused=found,
        rules=f.policy.information_requests,
    )


def _item(one: DeficiencyItem, typed: dict[str, Any] | None) -> dict[str, Any]:
    shown = typed or _stored(one)
    state = "Cannot, with reason" if one.cannot_because and not one.answer else "Ready"
    return {
        "one": one,
        "done": one.answered,
        "state": state if one.answered else "Not begun",
        "mark": mark(_stored(one)),
        **shown,
    }


def _stored(one: DeficiencyItem) -> dict[str, Any]:
    return {"answer": one.answer, "cannot_because": one.cannot_because, "evidence": list(one.evidence)}


def mark(answer: dict[str, Any]) -> str:
    """A short mark of one answer, by which a later save knows what its page had shown."""
    return sha256(msgspec.json.encode(answer, order="sorted")).hexdigest()[:16]


@page(blueprint, "/cases/<case_id>/questions/answers", post="case:lab")
def answer_questions(here: Here) -> Response:
    """Save the answers that changed, each an act of its own; then, if asked, send them all."""
    request = here.facts.open_request
    assert here.case is not None
    if request is None:
        return here.do(Act.ANSWER_ITEM, ItemAnswer(item_id=""), to=address(here.case.id, "questions"))
    typed = {one.id: _typed(here, one.id) for one in request.items}
    refused = _save_items(here, request, typed)
    if refused:
        return _again(here, typed, refused)
    if here.form.get("action") == "evidence":
        here.confirm("Answers saved. Add the evidence, then name it in your answer.")
        return here.redirect(address(here.case.id, "filing/evidence"))
    if here.form.get("action") != "send":
        here.confirm("Answers saved. The clock waits until you send them.")
        return here.redirect(address(here.case.id, "questions"))
    return here.do(
        Act.RESPOND_TO_INFORMATION_REQUEST,
        to=address(here.case.id),
        again=lambda found: _questions(here, typed, found),
        said=f"Sent. The review clock runs again. {request.number} is answered.",
    )


def _typed(here: Here, item_id: str) -> dict[str, Any]:
    known = {item.number for item in here.facts.evidence}
    return {
        "answer": here.form.get(f"answer-{item_id}", "").replace("\r\n", "\n").strip(),
        "cannot_because": here.form.get(f"cannot-{item_id}", "").replace("\r\n", "\n").strip(),
        "evidence": [one for one in here.form.getlist(f"evidence-{item_id}") if one in known],
    }


def _save_items(
    here: Here, request: InformationRequest, typed: dict[str, dict[str, Any]]
) -> tuple[Refusal, ...]:
    """Save what changed. Returns the refusals of the first item that was refused."""
    assert here.case is not None
    key = here.form.get("key", "")[:40]
    here.release()
    for one in request.items:
        said, before = typed[one.id], _stored(one)
        shown = here.form.get(f"shown-{one.id}", "")
        if said == before or not (said["answer"] or said["cannot_because"] or one.answered):
            continue
        if shown and shown == mark(said):
            # Nobody wrote here on this page: what a colleague saved since then stays.
            typed[one.id] = before
            continue
        if shown and shown != mark(before):
            return (_answered_meanwhile(request, one),)
        given = ItemAnswer(
            item_id=one.id,
            answer=said["answer"],
            cannot_because=said["cannot_because"],
            evidence=tuple(said["evidence"]),
        )
        try:
            perform(
                here.office,
                here.person.id,
                Act.ANSWER_ITEM,
                here.case.id,
                given,
                key=f"{key}-{one.id}" if key else None,
            )
        except Refused as refused:
            return refused.refusals
        except Conflict:
            continue
    here.__dict__.pop("facts", None)
    return ()


def _answered_meanwhile(request: InformationRequest, one: DeficiencyItem) -> Refusal:
    number = request.items.index(one) + 1
    theirs = one.answer or one.cannot_because or "no answer"
    return Refusal(
        code="sequence",
        sentence=f"A colleague answered item {number} while you were writing: “{theirs[:600]}” Save again to replace it.",
    )


def _again(here: Here, typed: dict[str, dict[str, Any]], found: tuple[Refusal, ...]) -> Response:
    here.__dict__.pop("facts", None)
    response = _questions(here, typed, found)
    response.status_code = 409 if any(one.code == "sequence" for one in found) else 422
    return response


# The notice and the decision --------------------------------------------------------------------


def decision(here: Here) -> Response:
    """The Decision tab: the notice and the lab's answer to it, then the decision with its reasons."""
    return _decision(here, (), None)


def _decision(here: Here, found: tuple[Refusal, ...], points: list[str] | None) -> Response:
    f = here.facts
    case = here.case
    assert case is not None
    file = case_file(here)
    notice = file.notices[-1] if file.notices else None
    window = case.state is State.LAB_RESPONSE_WINDOW
    row = ROW[Act.ANSWER_NOTICE]
    return here.answer(
        "lab/decision.html",
        **frame(here, "decision", "Decision"),
        file=file,
        notice=notice,
        earlier=file.notices[:-1],
        proposed=proposal_of(notice.proposal, case.organization_name) if notice else None,
        decision=file.decision,
        decided=proposal_of(file.decision.proposal, case.organization_name) if file.decision else None,
        point_texts={one.id: one.text for each in file.notices for one in each.points},
        authorization=file.authorization,
        window=window,
        blocked=refusals(row, f) if window else (),
        points=(points if points is not None else [""] * FIRST_POINTS),
        typed=here.form,
        refused=found,
        documents=documents_of(here, file),
        signatures=[one for one in file.signatures if one.record in {"decision", "notice"}],
    )


def proposal_of(proposal: Proposal, applicant: str) -> dict[str, Any]:
    """A proposal as it is read: reasons in their order, conditions as sentences."""
    return {
        "outcome": proposal.outcome,
        "reasons": [
            {"title": part.title, "paragraphs": paragraphs_of(proposal.reasons[part.key])}
            for part in PARTS
            if proposal.reasons.get(part.key, "").strip()
        ],
        "conditions": [_condition(one, applicant) for one in proposal.conditions],
        "alternatives": proposal.alternatives,
        "comparables": proposal.comparables,
        "comparables_note": proposal.comparables_note,
        "transition": proposal.transition,
        "path_to_approval": proposal.path_to_approval,
    }


def paragraphs_of(text: str) -> list[tuple[tuple[str, bool], ...]]:
    """Reasons by paragraph, each cut at the tags that say where a sentence comes from."""
    return [pieces(block.strip()) for block in text.split("\n\n") if block.strip()]


def _condition(one: ConditionRecord, applicant: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "sentence": conditions.sentence(one.condition, applicant),
        "kind": one.condition.type.label,
        "verification": one.verification,
        "restoration": one.restoration,
        "findings": ", ".join(one.findings),
    }


@page(blueprint, "/cases/<case_id>/decision/answer", post="case:lab")
def answer_notice(here: Here) -> Response:
    """Respond to the notice in points, or waive the response."""
    assert here.case is not None
    points = [text.replace("\r\n", "\n").strip() for text in here.form.getlist("point")][:MOST_POINTS]
    action = here.form.get("action", "respond")
    if action == "add":
        return _decision(here, (), [*points, ""])
    waived = action == "waive"
    given = NoticeAnswer(
        waived=waived,
        points=() if waived else tuple(text for text in points if text),
        offered_conditions="" if waived else here.form.get("offered_conditions", "").strip(),
    )
    return here.do(
        Act.ANSWER_NOTICE,
        given,
        to=address(here.case.id),
        again=lambda found: _decision(here, found, points or [""] * FIRST_POINTS),
        said="Response waived. The review clock runs again."
        if waived
        else "Sent. The review clock runs again.",
    )


def outcome_words(file: CaseFile) -> str:
    """The outcome in a word for the head of a page."""
    return file.header.outcome.label if file.header.outcome else ""
