"""The pages of a lab. Addresses that a lab shares with the agency come here by name: now, filing, questions, …"""

from flask import Response, request

from review.casefile import gather
from review.printing.filters import counted
from review.rules.vocabulary import State
from review.web import lab_answers, lab_card, lab_desk, lab_evidence, lab_filing, lab_submit, lab_upload
from review.web import lab_progress as progress
from review.web.here import Here
from review.web.lab_answers import decision, questions
from review.web.lab_case import (
    acts,
    address,
    blueprint,
    case_file,
    clock_of,
    documents_of,
    frame,
    place_words,
    steps_of,
    timeline_of,
    turn_words,
)
from review.web.lab_desk import desk
from review.web.lab_evidence import evidence
from review.web.lab_submit import filing

__all__ = [
    "blueprint",
    "case",
    "decision",
    "desk",
    "evidence",
    "filing",
    "lab_answers",
    "lab_card",
    "lab_desk",
    "lab_evidence",
    "lab_filing",
    "lab_submit",
    "lab_upload",
    "now",
    "questions",
    "record",
]

RECORD_PAGE = 50


def case(here: Here) -> Response:
    """The case's own address: where it stands now."""
    return now(here)


def now(here: Here) -> Response:
    """Whose turn it is, the clocks, what happened, what can be done."""
    file = case_file(here)
    opened, closed = acts(here, here.facts)
    events, earlier = timeline_of(file)
    return here.answer(
        "lab/now.html",
        **frame(here, "now"),
        file=file,
        steps=steps_of(file),
        place_words=place_words,
        clock=clock_of(here),
        turn=turn_words(here),
        turn_rows=_turn_rows(here),
        request=here.facts.open_request,
        failed=here.facts.checklist.failed
        if here.facts.checklist and here.facts.state is State.REFUSED_TO_ACCEPT
        else (),
        acts=opened,
        unavailable=closed,
        events=events,
        earlier=earlier,
        documents=documents_of(here, file),
        rules=here.facts.policy.information_requests,
    )


def _turn_rows(here: Here) -> list[dict[str, str]]:
    """In a draft: how far each form is, and the evidence."""
    assert here.case is not None
    if here.case.state is not State.DRAFT:
        return []
    rows = [
        {
            "label": one.instrument.title,
            "value": "complete"
            if one.answered == one.required
            else f"{one.answered} of {one.required} answers",
            "kind": "done" if one.answered == one.required else "other",
        }
        for one in progress.forms_of(gather.drafts(here.conn, here.case.id))
    ]
    standing = sum(item.withdrawn is None for item in here.facts.evidence)
    rows.append({"label": "Evidence", "value": counted(standing, "item", words=False), "kind": "other"})
    return rows


def record(here: Here) -> Response:
    """What the lab may see of the record: events, signatures, the receipt."""
    file = case_file(here)
    newest_first = file.timeline[::-1]
    text = request.args.get("before", "")
    before = int(text) if text.isdecimal() and len(text) < 16 else None
    listed = [entry for entry in newest_first if before is None or entry.index < before]
    shown = listed[:RECORD_PAGE]
    assert here.case is not None
    at = address(here.case.id, "record")
    return here.answer(
        "lab/record.html",
        **frame(here, "record"),
        file=file,
        entries=shown,
        older=f"{at}?before={shown[-1].index}" if len(listed) > RECORD_PAGE else None,
        newer=at if before is not None else None,
        documents=documents_of(here, file),
    )
