"""What every page of a lab's case shares: its head and tabs, whose turn it is in the lab's words, what can be done."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from markupsafe import Markup

from review.casefile import build, gather
from review.casefile.build import header as header_of
from review.casefile.shape import CaseFile, Entry
from review.printing.charts.clock_bar import clock_bar, clock_rows, facts_of
from review.printing.filters import counted, day
from review.rules import policy
from review.rules.facts import Facts
from review.rules.instruments import all_current
from review.rules.vocabulary import DECIDED, ENDED, Act, Audience, Role, State, Turn
from review.rules.workflow import Availability, available
from review.web.here import Here

blueprint = Blueprint("lab", __name__)

PAGES: dict[Act, str] = {
    Act.SUBMIT: "filing/submit",
    Act.RESUBMIT_AFTER_REFUSAL: "filing/submit",
    Act.FILE_OVER_PROTEST: "filing/protest",
    Act.ATTACH_EVIDENCE: "filing/evidence",
    Act.RESPOND_TO_INFORMATION_REQUEST: "questions",
    Act.ANSWER_NOTICE: "decision",
    Act.WITHDRAW: "withdraw",
}
"""Where each act of a lab is done, under the case's address. Acts that are parts of a page have no entry."""
MAIN = (Act.SUBMIT, Act.RESUBMIT_AFTER_REFUSAL, Act.RESPOND_TO_INFORMATION_REQUEST, Act.ANSWER_NOTICE)
TABS = (
    ("now", "Now"),
    ("filing", "Filing"),
    ("questions", "Questions"),
    ("decision", "Decision"),
    ("record", "Record"),
)
IN_DRAFT = frozenset({State.DRAFT, State.REFUSED_TO_ACCEPT})
EVIDENCE_OPEN = IN_DRAFT | {State.INFORMATION_REQUEST_HOLD}


def address(case_id: str, place: str = "") -> str:
    """The address of a part of a case, for its lab."""
    if place == "now":
        place = ""
    if place == "evidence" or place.startswith("evidence/"):
        place = f"filing/{place}"
    return f"/cases/{case_id}/{place}".rstrip("/")


def case_file(here: Here) -> CaseFile:
    """All that the lab may know of its case."""
    assert here.case is not None
    return build(here.facts, Audience.LAB, gather.entries(here.conn, here.case.id))


def may_draft(here: Here) -> bool:
    """Whether sections may be written now."""
    return here.case is not None and here.case.state in IN_DRAFT


def frame(here: Here, tab: str, page_title: str = "") -> dict[str, Any]:
    """Title, path, facts and tabs: what the head of each page of a case shows."""
    case = here.case
    assert case is not None
    facts = here.facts
    header = header_of(facts)
    number = case.number or "Draft"
    return {
        "title": f"{page_title or dict(TABS)[tab]}: {header.title}",
        "heading": header.title,
        "case": case,
        "here_tab": tab,
        "crumbs": [{"label": "Filings", "href": "/filings"}, {"label": number}],
        "sub": _sub(facts),
        "head_facts": _head_facts(here, header.due_on, header.turn),
        "tag_label": case.outcome and case.state.label if case.state in DECIDED else None,
        "tabs": _tabs(facts, tab),
        "at": lambda place="": address(case.id, place),
    }


def _sub(facts: Facts) -> str:
    case = facts.case
    assert case is not None
    parts = [f"{case.model_name}{f', version {case.model_version}' if case.model_version else ''}"]
    if case.state is State.DRAFT:
        parts.append("not filed yet")
    else:
        parts += [case.track.label.lower(), "your contact: the review lead"]
    return " · ".join(part for part in parts if part)


def _head_facts(here: Here, due_on: Any, turn: Turn) -> list[dict[str, Any]]:
    facts = here.facts
    case = facts.case
    assert case is not None
    yours = turn is Turn.LAB
    label = "Yours" if yours else "Agency" if turn is Turn.AGENCY else "Nobody"
    found: list[dict[str, Any]] = [{"label": "Whose turn", "turn": turn.value.lower(), "turn_label": label}]
    reading = header_of(facts).clock
    if reading is not None and not reading.ended:
        goal = day(reading.goal_date) if reading.running else "moves while held"
        found.append({"label": "Goal date", "value": goal})
    if yours and due_on is not None:
        found.append({"label": "Answer by", "value": day(due_on)})
    if case.decided_on is not None:
        found.append({"label": "Decided", "value": day(case.decided_on)})
    return found


def _tabs(facts: Facts, tab: str) -> list[dict[str, Any]]:
    case = facts.case
    assert case is not None
    counts: dict[str, Any] = {}
    if facts.filings:
        counts["filing"] = f"v{facts.filings[-1].ordinal}"
    if facts.open_request is not None:
        counts["questions"] = "1 open"
    return [
        {"label": label, "href": address(case.id, key), "current": key == tab, "count": counts.get(key)}
        for key, label in TABS
    ]


def turn_words(here: Here) -> dict[str, Any]:
    """Whose turn it is, in words for the lab: title, sentence and the one button; nothing of the agency's inner work."""
    f = here.facts
    case = f.case
    assert case is not None
    days = f.policy
    at = address(case.id)
    match case.state:
        case State.DRAFT:
            return _turn(
                "It is your turn: finish and sign the filing",
                "The agency sees nothing of a draft. The clock starts when the filing is accepted.",
                ("Continue the filing", f"{at}/filing"),
            )
        case State.REFUSED_TO_ACCEPT:
            failed = len(f.checklist.failed) if f.checklist else 0
            sentence = f"{counted(failed, 'item').capitalize()} of the checklist {'was' if failed == 1 else 'were'} not met. "
            return _turn(
                "It is your turn: the filing was not accepted",
                f"{sentence}Correct the filing and file again, or file over protest within "
                f"{days.acceptance.protest_days} days.",
                ("Correct the filing", f"{at}/filing"),
            )
        case State.INFORMATION_REQUEST_HOLD:
            request = f.open_request
            name = request.number if request else "the question"
            return _turn(
                f"It is your turn: answer {name}",
                "The review clock waits for you. It resumes the day you send a complete answer.",
                ("Continue answering", f"{at}/questions"),
            )
        case State.LAB_RESPONSE_WINDOW:
            return _turn(
                "It is your turn: respond to the notice",
                "The agency says what it intends to decide, and why. The review clock waits for you.",
                ("Read the notice", f"{at}/decision"),
            )
    if case.state in ENDED:
        return {
            "turn": "nobody",
            "title": _ended(f),
            "sentence": "Nothing more is due from you.",
            "act": {"label": "Read the decision", "href": f"{at}/decision"}
            if case.state in DECIDED
            else None,
        }
    return {"turn": "agency", "title": "It is the agency's turn", "sentence": agency_does(f), "act": None}


def _turn(title: str, sentence: str, act: tuple[str, str]) -> dict[str, Any]:
    return {"turn": "lab", "title": title, "sentence": sentence, "act": {"label": act[0], "href": act[1]}}


def _ended(f: Facts) -> str:
    assert f.case is not None
    return {
        State.DECIDED_APPROVED: "Decided: approved",
        State.DECIDED_RESTRICTED: "Decided: restricted",
        State.DECIDED_DENIED: "Decided: denied",
        State.WITHDRAWN: "You withdrew this filing",
        State.WITHDRAWN_DEEMED: "The filing is treated as withdrawn",
    }.get(f.case.state, "The filing was closed")


def agency_does(f: Facts) -> str:
    """What the agency does now, as the lab may know it."""
    assert f.case is not None
    if f.case.state in {State.SUBMITTED, State.ACCEPTANCE_SCREENING}:
        due = f" by {day(f.cycle.screening_due_on)}" if f.cycle else ""
        return Markup("It checks whether the filing is complete{}. Silence counts as accepted.").format(
            Markup(due)  # noqa: S704 - made by our own filter
        )
    return {
        State.SUBSTANTIVE_REVIEW: "The disciplines review your filing. A question comes here if they have one.",
        State.RECOMMENDATION: "The review lead has recommended an outcome. You hear before anything adverse is decided.",
        State.NOTICE_OF_INTENDED_DECISION: "A notice of intended decision is on its way to you.",
        State.DECISION_PENDING: "The deciding official decides on the whole record.",
    }.get(f.case.state, "There is nothing for you to do.")


def acts(here: Here, facts: Facts) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The acts open to this person, the main one first, and at most three that are not, each with its reason."""
    case = facts.case
    assert case is not None
    found = [one for one in available(facts) if one.row.act in PAGES]
    found.sort(key=lambda one: (one.row.act is Act.WITHDRAW, one.row.act not in MAIN))
    opened = [_open_act(case.id, one) for one in found if not one.refusals]
    closed = [_closed_act(case.id, one) for one in found if one.refusals]
    if case.state in IN_DRAFT:
        main = any(item["primary"] for item in opened)
        label = "Continue the filing" if case.state is State.DRAFT else "Correct the filing"
        opened.insert(
            1 if main else 0, {"label": label, "href": address(case.id, "filing"), "primary": not main}
        )
    closed += _not_yours(here, facts)
    return opened, closed[:3]


def _open_act(case_id: str, one: Availability) -> dict[str, Any]:
    return {
        "label": one.row.label,
        "href": address(case_id, PAGES[one.row.act]),
        "primary": one.row.act in MAIN,
        "quiet": one.row.act is Act.WITHDRAW,
    }


def _closed_act(case_id: str, one: Availability) -> dict[str, Any]:
    first = one.refusals[0]
    link = (
        {"label": "See the list", "href": address(case_id, "filing/missing")}
        if first.code == "complete"
        else {"label": "Go there", "href": address(case_id, first.place)}
        if first.place
        else None
    )
    return {"title": f"{one.row.label}: not yet.", "reason": first.sentence, "link": link}


def _not_yours(here: Here, facts: Facts) -> list[dict[str, Any]]:
    """For an evaluation engineer: the step that the state expects, which only the regulatory lead may take."""
    case = facts.case
    assert case is not None
    if here.person.lab_role is Role.LAB_RA:
        return []
    words = {
        State.DRAFT: "Read and sign the filing",
        State.REFUSED_TO_ACCEPT: "File again",
        State.INFORMATION_REQUEST_HOLD: "Send the answers",
        State.LAB_RESPONSE_WINDOW: "Answer the notice",
    }.get(case.state)
    reason = "Only the regulatory lead of your lab may do this."
    return [{"title": f"{words}: not you.", "reason": reason}] if words else []


def clock_of(here: Here) -> dict[str, Any] | None:
    """The two clocks and the bar, in the lab's words; None before the clock has started."""
    f = here.facts
    reading = header_of(f).clock
    if reading is None:
        return None
    facts = facts_of(reading)
    limit = ""
    if f.open_request is not None:
        limit = f"of {f.policy.information_requests.answer_days} days"
    return {
        "figures": [
            {
                "label": "Review days used",
                "value": reading.review_days,
                "unit": f"of {reading.allowed_days}",
                "swatch": "agency",
            },
            {
                "label": "Held, your turn",
                "value": reading.held_days,
                "unit": limit or "days",
                "swatch": "lab",
            },
            {"label": "Total days", "value": reading.total_days},
        ],
        "wide": clock_bar(facts, "clock-wide"),
        "middle": clock_bar(facts, "clock-middle", 800),
        "narrow": clock_bar(facts, "clock-narrow", 368),
        "sentence": reading.sentence,
        "rows": clock_rows(facts),
    }


def steps_of(file: CaseFile) -> list[dict[str, str]]:
    """The step indicator; a step that was not needed counts as done."""
    words = {"done": "done", "skipped": "done", "current": "current", "todo": "future"}
    return [{"label": step.label, "state": words[step.status]} for step in file.header.steps]


PREPARING = frozenset(
    act.value
    for act in (
        Act.ATTACH_EVIDENCE,
        Act.CONFIRM_MEASUREMENT,
        Act.MATCH_SUBJECT,
        Act.WITHDRAW_EVIDENCE,
        Act.ANSWER_ITEM,
    )
)
"""Acts that come in long rows; the timeline tells a row of them once."""


def timeline_of(file: CaseFile, limit: int = 12) -> tuple[list[dict[str, Any]], dict[str, str] | None]:
    """What happened, newest first, rows of small acts told once; the rest is on the Record tab."""
    groups: list[list[Entry]] = []
    for entry in reversed(file.timeline):
        if groups and entry.act in PREPARING and groups[-1][0].act in PREPARING:
            groups[-1].append(entry)
        else:
            groups.append([entry])
    earlier = None
    if len(groups) > limit:
        earlier = {
            "label": f"{counted(len(groups) - limit, 'earlier event').capitalize()} on the record",
            "href": address(file.header.case_id, "record"),
        }
    return [_event(group) for group in groups[:limit]], earlier


def _event(group: Sequence[Entry]) -> dict[str, Any]:
    newest = group[0]
    who = " and ".join(dict.fromkeys(entry.who.split("|")[-1] for entry in group if entry.who))
    title, text = newest.title, newest.detail
    if len(group) > 1:
        items = sum(entry.act == Act.ATTACH_EVIDENCE.value for entry in group)
        title = (
            f"{counted(items, 'evidence item').capitalize()} attached"
            if items
            else "Evidence and answers prepared"
        )
        text = f"{counted(len(group), 'entry', 'entries', words=False)} on the record."
    return {
        "date": day(newest.at, year=False, weekday=False, zone=policy.current().agency.timezone),
        "title": title,
        "text": " ".join(part for part in (f"{who}." if who else "", text) if part),
        "state": "done",
    }


def place_words(locator: str) -> str:
    """Places of the forms, as an intake officer's locator may name them, in words."""
    titles = {form.name: form for form in all_current()}

    def words(place: str) -> str:
        parts = place.strip().split("/")
        form = titles.get(parts[0])
        section = (
            next((one for one in form.sections if len(parts) > 1 and one.key == parts[1]), None)
            if form
            else None
        )
        return f"{form.title}, {section.title}" if form and section else place.strip()

    return "; ".join(dict.fromkeys(words(place) for place in locator.split(",") if place.strip()))


def documents_of(here: Here, file: CaseFile) -> list[dict[str, Any]]:
    """Papers that were issued to the lab, the receipt of the filing, and the way to the dossier."""
    assert here.case is not None
    zone = policy.current().agency.timezone
    found = [
        {
            "label": one.title,
            "href": address(here.case.id, "dossier"),
            "note": day(one.issued_at, year=False, weekday=False, zone=zone),
        }
        for one in reversed(file.documents)
        if one.issued_at is not None
    ]
    if here.facts.filings:
        receipt = {
            "label": "Receipt of the filing",
            "href": address(here.case.id, "receipt.json"),
            "note": "JSON",
        }
        dossier = {"label": "Your dossier", "href": address(here.case.id, "dossier"), "note": "on request"}
        found += [receipt, dossier]
    return found
