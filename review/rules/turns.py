"""Whose turn it is, what each person owes by when, and when the system looks again: one pure function of the facts."""

from collections.abc import Iterator
from datetime import date

import msgspec

from review.rules import clock
from review.rules.deadlines import silence_end, timer
from review.rules.entities import Assignment, Decision, NoticeOfIntendedDecision
from review.rules.facts import Facts
from review.rules.vocabulary import CASE_ROLES, ENDED, Discipline, Outcome, Role, State, Turn


class Todo(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that one person, role or lab owes. `place` is where on the case it is done."""

    key: str
    title: str
    detail: str = ""
    button: str = "Open"
    place: str = "now"
    due_on: date | None = None
    person_id: str | None = None
    role: Role | None = None
    organization_id: str | None = None


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case stands between its people. `timer_on` is the first day on which the system may act."""

    turn: Turn
    waiting_for: str
    due_on: date | None = None
    timer_on: date | None = None
    todos: tuple[Todo, ...] = ()


WAITS_FOR: dict[State, str] = {
    State.DRAFT: "You finish and sign the filing.",
    State.REFUSED_TO_ACCEPT: "You correct the filing and file again.",
    State.INFORMATION_REQUEST_HOLD: "You answer the question. The clock is held.",
    State.LAB_RESPONSE_WINDOW: "You respond to the notice. The clock is held.",
    State.SUBMITTED: "The agency checks whether the filing is complete.",
    State.ACCEPTANCE_SCREENING: "The agency checks whether the filing is complete.",
    State.SUBSTANTIVE_REVIEW: "The disciplines review the filing.",
    State.RECOMMENDATION: "A recommendation was made. You hear before anything adverse is decided.",
    State.NOTICE_OF_INTENDED_DECISION: "A notice of intended decision is on its way.",
    State.DECISION_PENDING: "The deciding official decides.",
}
"""What a lab is told that its case waits for: never who owes what inside, nor what is intended."""


def state_for_lab(state: State, noticed: bool) -> State:
    """The state that a lab sees: without a notice, what comes after a recommendation would tell the outcome."""
    return State.RECOMMENDATION if state is State.DECISION_PENDING and not noticed else state


def position(f: Facts) -> Position:
    """Whose turn it is and who owes what."""
    assert f.case is not None
    if f.case.state in ENDED:
        words = f"{f.case.state.label}" + (f" {f.case.decided_on:%-d %b %Y}." if f.case.decided_on else ".")
        return Position(turn=Turn.NOBODY, waiting_for=words)
    todos = tuple(_todos(f))
    lab_turn = f.case.state in {
        State.DRAFT,
        State.REFUSED_TO_ACCEPT,
        State.INFORMATION_REQUEST_HOLD,
        State.LAB_RESPONSE_WINDOW,
    }
    leading = next(
        (t for t in todos if (t.organization_id is not None) == lab_turn and not t.key.startswith("declare")),
        None,
    )
    return Position(
        turn=Turn.LAB if lab_turn else Turn.AGENCY,
        waiting_for=leading.title.replace(" your ", " the ", 1) if leading else f.case.state.label,
        due_on=leading.due_on if leading else None,
        timer_on=timer(f),
        todos=todos,
    )


def _todos(f: Facts) -> Iterator[Todo]:
    yield from _by_state(f)
    yield from _declarations(f)


def _declarations(f: Facts) -> Iterator[Todo]:
    """Everybody on the team declares before any content is shown."""
    declared = {a.person_id for a in f.attestations}
    seen: set[str] = set()
    for assignment in f.held:
        if assignment.role not in CASE_ROLES or assignment.person_id in declared | seen:
            continue
        seen.add(assignment.person_id)
        yield Todo(
            key=f"declare-{assignment.person_id}",
            person_id=assignment.person_id,
            title="Declare conflicts before you see the case",
            detail=f"You are {assignment.role.label.lower()} here. The case opens after you declare.",
            button="Declare",
            place="declare",
            due_on=_milestone(f, "kick_off"),
        )


def _by_state(f: Facts) -> Iterator[Todo]:
    assert f.case is not None
    match f.case.state:
        case State.DRAFT:
            yield _lab(f, "file", "Finish and sign the filing", "", "Continue the filing", "filing", None)
        case State.SUBMITTED | State.ACCEPTANCE_SCREENING:
            yield from _screening(f)
        case State.REFUSED_TO_ACCEPT:
            yield _lab(
                f,
                "refused",
                "Answer the refusal to accept",
                _failed(f),
                "Open the filing",
                "filing",
                silence_end(f),
            )
        case State.SUBSTANTIVE_REVIEW:
            yield from _review(f)
        case State.INFORMATION_REQUEST_HOLD:
            yield from _hold(f)
        case State.RECOMMENDATION:
            yield from _recommendation(f)
        case State.LAB_RESPONSE_WINDOW:
            notice = f.last_notice
            due = notice.respond_by if notice else None
            yield _lab(
                f,
                "notice",
                "Respond to the notice of intended decision",
                "The clock stands until you answer.",
                "Read the notice",
                "decision",
                due,
            )
        case State.DECISION_PENDING:
            yield from _decision(f)


def _lab(f: Facts, key: str, title: str, detail: str, button: str, place: str, due: date | None) -> Todo:
    assert f.case is not None
    return Todo(
        key=key,
        organization_id=f.case.organization_id,
        title=title,
        detail=detail,
        button=button,
        place=place,
        due_on=due,
    )


def _for(
    f: Facts, role: Role, key: str, title: str, detail: str, button: str, place: str, due: date | None
) -> Todo:
    """A thing for the holder of a role here; while nobody holds it, for the docket manager to assign."""
    holder = f.holder(role)
    if holder is None:
        return Todo(
            key=f"assign-{role.value.lower()}",
            role=Role.DOCKET_MANAGER,
            title=f"Assign the {role.label.lower()}",
            detail=f"Needed to go on: {title[0].lower()}{title[1:]}.",
            button="Assign",
            place="team",
            due_on=due,
        )
    return Todo(
        key=key,
        person_id=holder.person_id,
        title=title,
        detail=detail,
        button=button,
        place=place,
        due_on=due,
    )


def _screening(f: Facts) -> Iterator[Todo]:
    due = f.cycle.screening_due_on if f.cycle else None
    checklist = f.checklist
    refusing = checklist is not None and checklist.failed and not checklist.open
    if refusing and checklist is not None and not checklist.concurred_by:
        yield _for(
            f,
            Role.LEAD,
            "concur",
            "Concur with the refusal to accept",
            _failed(f),
            "Read and concur",
            "screening",
            due,
        )
    elif refusing:
        yield _for(
            f,
            Role.INTAKE,
            "screen",
            "Send the refusal to accept",
            "The lead has concurred.",
            "Open the checklist",
            "screening",
            due,
        )
    else:
        yield _for(
            f,
            Role.INTAKE,
            "screen",
            "Screen the filing",
            _progress(f),
            "Open the checklist",
            "screening",
            due,
        )
    if f.holder(Role.LEAD) is None:
        yield _for(f, Role.LEAD, "lead", "Accept or refuse needs a lead", "", "Assign", "team", due)


def _review(f: Facts) -> Iterator[Todo]:
    due = _milestone(f, "reviews_signed")
    covered = {d for a in f.held if a.role is Role.REVIEWER for d in a.disciplines}
    required = f.cycle.disciplines if f.cycle else ()
    signed = {r.discipline for r in f.live_reviews if f.signed(r.signature_id)}
    draft = f.draft_request
    if draft is not None and draft.drafted_by_role is Role.LEAD and draft.concurred_by is None:
        yield _for(
            f,
            Role.SIGNATORY,
            "concur-request",
            f"Concur with {draft.number}",
            "The lead drafted it.",
            "Read it",
            "questions",
            None,
        )
    elif draft is not None:
        yield _for(
            f,
            Role.LEAD,
            "issue-request",
            f"Issue {draft.number}, or drop it",
            f"{len(draft.items)} drafted. Issuing stops the clock.",
            "Read it",
            "questions",
            _milestone(f, "first_questions"),
        )
    uncovered = [d for d in required if d not in covered]
    if uncovered:
        words = ", ".join(d.label for d in uncovered)
        yield _for(
            f,
            Role.LEAD,
            "assign-reviewers",
            "Assign reviewers",
            f"Nobody covers: {words}.",
            "Assign",
            "team",
            _milestone(f, "kick_off"),
        )
    for assignment in f.held:
        if assignment.role is Role.REVIEWER:
            yield from _reviews_of(f, assignment, signed, due)
    if required and not [d for d in required if d not in signed]:
        yield _for(
            f,
            Role.LEAD,
            "recommend",
            "Write the memo and recommend",
            "All disciplines have signed.",
            "Open the memo",
            "decision",
            _milestone(f, "memo"),
        )
    if f.holder(Role.SIGNATORY) is None or f.holder(Role.COUNSEL) is None:
        missing = Role.SIGNATORY if f.holder(Role.SIGNATORY) is None else Role.COUNSEL
        yield _for(
            f,
            missing,
            "assign-later",
            "a recommendation will come",
            "",
            "Assign",
            "team",
            _milestone(f, "memo"),
        )
    if f.case and f.case.open_weights and f.holder(Role.SIGNATORY) and f.panel is None:
        yield _for(
            f,
            Role.SIGNATORY,
            "panel",
            "Record the panel's advice",
            "An open-weight release needs it.",
            "Open",
            "decision",
            _milestone(f, "memo"),
        )


def _reviews_of(f: Facts, a: Assignment, signed: set[Discipline], due: date | None) -> Iterator[Todo]:
    for discipline in a.disciplines:
        if discipline in signed:
            continue
        own = next(
            (r for r in f.live_reviews if r.discipline is discipline and r.person_id == a.person_id), None
        )
        findings = [x for x in f.live_findings if own is not None and x.review_id == own.id]
        ready = own is not None and own.conclusion is not None
        count = len(findings)
        detail = (
            f"{count} finding{'' if count == 1 else 's'} written." if count else "No finding written yet."
        )
        yield Todo(
            key=f"review-{discipline.value.lower()}",
            person_id=a.person_id,
            title=f"Sign your {discipline.label} review"
            if ready
            else f"Write your {discipline.label} review",
            detail=f"{own.conclusion.label}. {detail}" if own is not None and own.conclusion else detail,
            button="Read and sign" if ready else "Continue review",
            place=f"review/{discipline.value}",
            due_on=due,
        )


def _hold(f: Facts) -> Iterator[Todo]:
    request = f.open_request
    if request is None:
        return
    answered = sum(item.answered for item in request.items)
    yield _lab(
        f,
        "answer",
        f"Answer {request.number}",
        f"{answered} of {len(request.items)} items answered. The clock stands until the answers are complete.",
        "Answer",
        "questions",
        request.answer_by,
    )


def _recommendation(f: Facts) -> Iterator[Todo]:
    due = _milestone(f, "notice")
    if f.recommended is Outcome.APPROVE and f.draft_notice is None:
        yield _for(
            f,
            Role.LEAD,
            "forward",
            "Forward for approval",
            "No condition is proposed, so no notice is needed.",
            "Open",
            "decision",
            due,
        )
        return
    notice = f.draft_notice
    if notice is None:
        yield _for(
            f,
            Role.LEAD,
            "notice",
            "Write the notice of intended decision",
            "Drafted from findings and memo.",
            "Write the notice",
            "decision/notice",
            due,
        )
        return
    yield from _concurrence(f, notice, "notice", due)
    if f.signed(notice.counsel_signature_id):
        yield _for(
            f,
            Role.SIGNATORY,
            "issue-notice",
            "Issue the notice of intended decision",
            "Counsel has concurred.",
            "Read and sign",
            "decision/notice",
            due,
        )


def _concurrence(
    f: Facts, text: NoticeOfIntendedDecision | Decision, what: str, due: date | None
) -> Iterator[Todo]:
    """Counsel reads; what counsel does not concur with goes back to the lead."""
    if f.signed(text.counsel_signature_id):
        return
    if text.counsel_note:
        yield _for(
            f,
            Role.LEAD,
            f"change-{what}",
            f"Change the {what}: counsel does not concur",
            text.counsel_note,
            f"Change the {what}",
            f"decision/{what}",
            due,
        )
        return
    yield _for(
        f,
        Role.COUNSEL,
        f"concur-{what}",
        f"Concur with the {what}",
        "Is it legally sufficient?",
        "Read it",
        "decision/concurrence",
        due,
    )


def _decision(f: Facts) -> Iterator[Todo]:
    due = _milestone(f, "decision")
    decision = f.decision
    if decision is None:
        yield _for(
            f,
            Role.LEAD,
            "write-decision",
            "Write the decision",
            "Drafted from findings, memo and notice.",
            "Write the decision",
            "decision/decision",
            due,
        )
        return
    if f.draft_notice is not None and decision.proposal.outcome is not Outcome.APPROVE:
        # A new notice, because the decision is harsher than the last one.
        yield from _concurrence(f, f.draft_notice, "notice", due)
    yield from _concurrence(f, decision, "decision", due)
    if f.case and f.case.open_weights and not f.signed(decision.ratifier_signature_id):
        yield _for(
            f,
            Role.RATIFIER,
            "ratify",
            "Ratify the decision",
            "An open-weight release needs a ratifier.",
            "Read it",
            "decision",
            due,
        )
    if f.signed(decision.counsel_signature_id):
        yield _for(
            f,
            Role.SIGNATORY,
            "decide",
            f"Sign the decision: {decision.proposal.outcome.label.lower()}",
            "Counsel has concurred.",
            "Read and sign",
            "decision",
            due,
        )


def _failed(f: Facts) -> str:
    if f.checklist is None:
        return ""
    count = len(f.checklist.failed)
    return f"{count} item{'' if count == 1 else 's'} not met."


def _progress(f: Facts) -> str:
    if f.checklist is None:
        return ""
    done = len(f.checklist.items) - len(f.checklist.open)
    return f"{done} of {len(f.checklist.items)} questions answered."


def _milestone(f: Facts, key: str) -> date | None:
    """The agency's date of a milestone, holds so far included."""
    if f.cycle is None or not clock.has_started(f.cycle.clock):
        return None
    found = clock.milestones(f.policy.track(f.cycle.track.value), f.cycle.clock, f.today)
    return next((m.on for m in found if m.key == key), None)
