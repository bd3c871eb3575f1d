"""The first page of a case: where it stands, whose turn, what this person can do, what happened and what comes."""

from typing import Any

from flask import Response, url_for

from review.casefile.shape import CaseFile, Entry
from review.printing.charts.clock_bar import clock_bar, clock_rows, facts_of
from review.printing.filters import counted
from review.rules.turns import Todo, position
from review.rules.vocabulary import Act, Role, State, Turn
from review.rules.workflow import Availability, available
from review.web.cases import case_file, case_id, case_page, my_todos, render
from review.web.here import Here
from review.web.places import address, place_words

NOT_BUTTONS = frozenset(
    {
        Act.DOWNLOAD_DOCUMENT,
        Act.ATTEST_CONFLICTS,
        Act.WITHDRAW_FINDING,
        Act.REVISE_FINDING,
        Act.ANSWER_CHECKLIST_ITEM,
        Act.CONCLUDE_REVIEW,
        Act.ISSUE_DOCUMENT,
        Act.DECLINE_CONCURRENCE,
    }
)
"""Acts done inside another page, or that every reader may do at any time."""
QUIET = frozenset({Act.RECUSE})
PLACE: dict[Act, str] = {
    Act.REFUSE_TO_ACCEPT: "screening",
    Act.ACCEPT: "screening",
    Act.CONCUR_REFUSAL: "screening",
    Act.ASSIGN_ROLE: "team",
    Act.RECUSE: "team",
    Act.WRITE_FINDING: "review",
    Act.SIGN_REVIEW: "review",
    Act.DRAFT_INFORMATION_REQUEST: "questions",
    Act.CONCUR_INFORMATION_REQUEST: "questions",
    Act.ISSUE_INFORMATION_REQUEST: "questions",
    Act.DRAFT_MEMO: "decision/memo",
    Act.RECOMMEND: "decision/memo",
    Act.RETURN_RECOMMENDATION: "decision",
    Act.FORWARD_CLEAN: "decision",
    Act.DRAFT_NOTICE: "decision/notice",
    Act.ISSUE_NOTICE: "decision/notice",
    Act.ISSUE_NEW_NOTICE: "decision/notice",
    Act.DRAFT_DECISION: "decision/decision",
    Act.CONCUR_LEGAL_SUFFICIENCY: "decision/concurrence",
    Act.RECORD_PANEL_ADVICE: "decision/panel",
    Act.RATIFY: "decision",
    Act.APPROVE: "decision",
    Act.RESTRICT: "decision",
    Act.DENY: "decision",
}
LAB_TURN_AFTER = frozenset(
    {
        Act.OPEN_DRAFT,
        Act.REFUSE_TO_ACCEPT,
        Act.ISSUE_INFORMATION_REQUEST,
        Act.ISSUE_NOTICE,
        Act.ISSUE_NEW_NOTICE,
    }
)
NOBODY_AFTER = frozenset(
    {Act.APPROVE, Act.RESTRICT, Act.DENY, Act.WITHDRAW, Act.DEEM_WITHDRAWN, Act.CLOSE_INACTIVE}
)
TOLD = 8
"""Past events that the first page tells; the record has the rest."""


@case_page("/cases/<case_id>", "case")
def case(here: Here) -> Response:
    """The case's own address is its first tab."""
    return here.redirect("agency.now", case_id=case_id(here))


@case_page("/cases/<case_id>/now", "now")
def now(here: Here) -> Response:
    file = case_file(here, entries=True)
    return render(
        here,
        "agency/now.html",
        "now",
        file=file,
        steps_items=steps_of(file),
        clock=clock_of(file),
        timeline_items=timeline_of(here, file),
        earlier=_earlier(file),
        panel=panel_of(here, file),
        acts_items=acts_of(here),
        not_yet=not_yet(here),
    )


def steps_of(file: CaseFile) -> list[dict[str, str]]:
    words = {"done": "done", "skipped": "done", "current": "current", "todo": "future"}
    here = {"Accepted": file.header.state.label}
    return [
        {
            "label": here.get(step.label, step.label) if step.status == "current" else step.label,
            "state": words[step.status],
        }
        for step in file.header.steps
    ]


def clock_of(file: CaseFile) -> dict[str, Any] | None:
    """Three figures, the bar at three widths, and one sentence; nothing before the clock has started."""
    reading = file.header.clock
    if reading is None:
        return None
    facts = facts_of(reading, file.header.milestones)
    return {
        "figures": [
            {
                "label": "Review days, agency's turn",
                "value": reading.review_days,
                "unit": f"of {reading.allowed_days}",
                "swatch": "agency",
            },
            {
                "label": "Held, lab's turn",
                "value": reading.held_days,
                "unit": "day" if reading.held_days == 1 else "days",
                "swatch": "lab",
            },
            {"label": "Total days since receipt", "value": reading.total_days},
        ],
        "wide": clock_bar(facts, "clock-wide", 1200),
        "middle": clock_bar(facts, "clock-middle", 800),
        "narrow": clock_bar(facts, "clock-narrow", 368),
        "rows": clock_rows(facts),
        "sentence": reading.sentence,
    }


# Timeline ----------------------------------------------------------------------------------------


def told(file: CaseFile) -> list[Entry]:
    """Events that a first page tells: those that move the case, and signed reviews."""
    kept = {
        Act.SIGN_REVIEW.value,
        Act.CONCUR_LEGAL_SUFFICIENCY.value,
        Act.DECLINE_CONCURRENCE.value,
        Act.WARN.value,
        Act.RATIFY.value,
    }
    follow = {Act.BEGIN_SCREENING.value, Act.OPEN_RESPONSE_WINDOW.value}
    return [
        entry
        for entry in file.timeline
        if not entry.refused and (entry.moves or entry.act in kept) and entry.act not in follow
    ]


def timeline_of(here: Here, file: CaseFile) -> list[dict[str, Any]]:
    """What comes, today, what happened: newest first, with whose time ran in between."""
    past: list[dict[str, Any]] = []
    turn = "none"
    for entry in told(file):
        past.append(
            {
                "day": entry.at,
                "title": _told_title(entry, file),
                "text": _told_text(entry, file),
                "links": _told_links(entry, file),
                "state": "done",
                "below": turn,
            }
        )
        turn = _turn_after(entry, turn)
    ended = file.header.turn is Turn.NOBODY
    coming = [] if ended else _coming(file, here)
    head = [] if ended else [_today(here, file, turn)]
    return [*coming, *head, *reversed(past[-TOLD:])]


def _told_title(entry: Entry, file: CaseFile) -> str:
    """The event's own words; a signed review names its discipline, a question its number."""
    if entry.act == Act.SIGN_REVIEW:
        signed = next((s.record_id for s in file.signatures if s.at == entry.at), "")
        review = next((x.review for x in file.reviews if x.review.id == signed), None)
        return f"{review.discipline.label} review signed" if review else entry.title
    if entry.act == Act.ISSUE_INFORMATION_REQUEST:
        request = next((r for r in file.requests if r.issued_at == entry.at), None)
        return f"Information request {request.number} issued" if request else entry.title
    return entry.title


def _told_text(entry: Entry, file: CaseFile) -> str:
    who = entry.who.split("|", 1)[-1]
    return " ".join(part for part in (entry.detail, _what(entry, file), f"By {who}." if who else "") if part)


def _what(entry: Entry, file: CaseFile) -> str:
    """What an event brought with it."""
    reading = file.header.clock
    if entry.act in {Act.ACCEPT, Act.ACCEPT_BY_LAPSE} and reading is not None:
        return f"{file.header.track}, goal {reading.original_goal:%-d %B}."
    if entry.act == Act.ISSUE_INFORMATION_REQUEST:
        request = next((r for r in file.requests if r.issued_at == entry.at), None)
        return (
            f"{counted(len(request.items), 'item').capitalize()}. The review clock stands." if request else ""
        )
    if entry.act in {Act.SUBMIT, Act.RESUBMIT_AFTER_REFUSAL}:
        return f"Receipt: ledger entry {entry.index:,}."
    if entry.act == Act.RESPOND_TO_INFORMATION_REQUEST:
        return "The review clock goes on."
    return ""


PAGE_OF: dict[str, tuple[str, str]] = {
    Act.ISSUE_INFORMATION_REQUEST: ("questions", "Read the question"),
    Act.RESPOND_TO_INFORMATION_REQUEST: ("questions", "Read the answer"),
    Act.SUBMIT: ("filing", "Read the filing"),
    Act.RECOMMEND: ("decision", "Read the memo"),
    Act.ISSUE_NOTICE: ("decision", "Read the notice"),
    Act.ANSWER_NOTICE: ("decision", "Read the response"),
}


def _told_links(entry: Entry, file: CaseFile) -> list[dict[str, str]]:
    if entry.act not in PAGE_OF:
        return []
    place, label = PAGE_OF[entry.act]
    return [{"label": label, "href": address(file.header.case_id, place)}]


def _turn_after(entry: Entry, before: str) -> str:
    act = Act(entry.act)
    if not entry.moves:
        return before
    if act in NOBODY_AFTER:
        return "none"
    return "lab" if act in LAB_TURN_AFTER else "agency"


def _coming(file: CaseFile, here: Here) -> list[dict[str, Any]]:
    """Milestones to come, the furthest first."""
    found = [
        {
            "day": one.on,
            "title": "Decision due" if one.key == "decision" else one.label,
            "text": f"Review day {one.review_day}.",
            "state": "future",
        }
        for one in file.header.milestones
        if one.done_on is None and one.on >= here.today
    ]
    screening = here.facts.cycle
    if file.header.clock is None and screening is not None:
        found.append(
            {
                "day": screening.screening_due_on,
                "title": "Screening ends",
                "text": "A filing that nobody has answered by then counts as accepted.",
                "state": "future",
            }
        )
    return sorted(found, key=lambda one: str(one["day"]), reverse=True)[:5]


def _today(here: Here, file: CaseFile, turn: str) -> dict[str, Any]:
    reading = file.header.clock
    words = f"Review day {reading.review_days}." if reading else ""
    return {
        "date": "Today",
        "title": f"{here.today:%A %-d %B}",
        "text": words,
        "state": "today",
        "below": turn,
    }


def _earlier(file: CaseFile) -> dict[str, str] | None:
    left = len(file.timeline)
    if not left:
        return None
    return {
        "label": f"The whole record: {left} events",
        "href": url_for("agency.record", case_id=file.header.case_id),
    }


# Whose turn, what to do --------------------------------------------------------------------------


def panel_of(here: Here, file: CaseFile) -> dict[str, Any]:
    """Whose turn it is, why, and who owes what."""
    head = file.header
    title = {
        Turn.AGENCY: "It is the agency's turn",
        Turn.LAB: "It is the lab's turn",
        Turn.NOBODY: "Nobody's turn",
    }[head.turn]
    todos = [todo for todo in position(here.facts).todos if head.turn is not Turn.NOBODY]
    if head.state in {State.SUBSTANTIVE_REVIEW, State.INFORMATION_REQUEST_HOLD}:
        rows = _discipline_rows(here, file)
    else:
        rows = [_todo_row(here, todo) for todo in todos[:6]]
    due = f" Due {head.due_on:%a %-d %b}." if head.due_on and head.turn is not Turn.NOBODY else ""
    sentence = head.waiting_for if head.waiting_for.endswith(".") else f"{head.waiting_for}."
    return {"title": title, "turn": head.turn.value.lower(), "sentence": f"{sentence}{due}", "rows": rows}


def _todo_row(here: Here, todo: Todo) -> dict[str, str]:
    if todo.person_id == here.person.id:
        who, kind = "You", "you"
    elif todo.organization_id is not None:
        who, kind = "The lab", "other"
    elif todo.role is not None:
        who, kind = todo.role.label, "you" if todo.role in here.person.roles else "other"
    else:
        held = next((a for a in here.facts.held if a.person_id == todo.person_id), None)
        who, kind = (held.person_name if held else "The agency"), "other"
    when = f", {todo.due_on:%-d %b}" if todo.due_on else ""
    return {"label": todo.title, "value": f"{who}{when}", "kind": kind}


def _discipline_rows(here: Here, file: CaseFile) -> list[dict[str, str]]:
    rows = []
    due = next((one.on for one in file.header.milestones if one.key == "reviews_signed"), None)
    by = f", {due:%-d %b}" if due else ""
    for discipline in file.disciplines:
        line = next(
            (x for x in file.reviews if x.review.discipline is discipline and not x.review.superseded), None
        )
        if line is not None and line.signed:
            value = f"signed {line.review.signed_on:%-d %b}" if line.review.signed_on else "signed"
            rows.append({"label": discipline.label, "value": value, "kind": "done"})
        elif line is None:
            rows.append({"label": discipline.label, "value": "nobody assigned"})
        else:
            mine = line.review.person_id == here.person.id
            rows.append(
                {
                    "label": discipline.label,
                    "value": f"{'You' if mine else line.who}{by}",
                    "kind": "you" if mine else "other",
                }
            )
    return rows


def acts_of(here: Here) -> list[dict[str, Any]]:
    """The acts open to this person, from the table; what the case waits for comes first and is filled."""
    case = case_id(here)
    wanted = [todo for todo in my_todos(here) if not todo.key.startswith("declare")]
    found: dict[str, dict[str, Any]] = {}
    for todo in wanted:
        found.setdefault(address(case, todo.place), {"label": todo.title})
    for one in available(here.facts):
        if not one.open or one.row.act in NOT_BUTTONS:
            continue
        href = _act_address(here, one)
        if one.row.act in QUIET:
            href += "#recuse"
        entry = {"label": _label(here, one), "quiet": one.row.act in QUIET}
        found.setdefault(href, entry)
    items = [{**entry, "href": href} for href, entry in found.items()]
    if items and not items[0].get("quiet") and wanted:
        items[0]["primary"] = True
    return items[:6]


def _label(here: Here, one: Availability) -> str:
    if one.row.act is Act.ASSIGN_ROLE:
        return "Assign reviewers" if Role.LEAD in here.facts.my_roles else "Assign the team"
    return one.row.label


def _act_address(here: Here, one: Availability) -> str:
    place = PLACE.get(one.row.act, "now")
    if place == "review" and here.facts.my_disciplines:
        place = f"review/{min(here.facts.my_disciplines).value}"
    return address(case_id(here), place)


def not_yet(here: Here) -> list[dict[str, Any]]:
    """At most three acts that this person will do next here and cannot yet, each with its first reason."""
    shut = [one for one in available(here.facts) if not one.open and _expected(one)]
    shut.sort(key=lambda one: (one.row.to is None, one.row.signature is None))
    items = []
    for one in shut[:3]:
        reason = one.refusals[0]
        link = None
        if reason.place and reason.place != "now":
            link = {"label": place_words(reason.place), "href": address(case_id(here), reason.place)}
        items.append({"title": f"{_label(here, one)}: not yet.", "reason": reason.sentence, "link": link})
    return items


def _expected(one: Availability) -> bool:
    """Leaves out acts that will never be open here: another outcome, a notice where none is due, panels."""
    never = {"is_open_weights", "outcome", "adverse_recommendation", "clean_approval", "new_notice_needed"}
    if one.row.act in NOT_BUTTONS or one.row.act in QUIET:
        return False
    return not never & {refusal.code for refusal in one.refusals}
