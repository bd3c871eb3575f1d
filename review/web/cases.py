"""What every page of a case shares: who may open it, its head and tabs, where an act is done, how a refusal shows.

Pages of a case are prints of its case file. A lab's person gets the lab's page at the same address.
"""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, cast

import msgspec
from flask import Blueprint, Response, abort, make_response, url_for

from review.casefile import build, gather
from review.casefile.shape import CaseFile, Entry
from review.rules import permissions
from review.rules.refusals import Refusal
from review.rules.turns import Todo, position
from review.rules.vocabulary import CASE_ROLES, ENDED, Act, Role, State, Turn
from review.web.access import page
from review.web.here import Here
from review.web.places import address, place_words

blueprint = Blueprint("agency", __name__)

TABS = (
    ("now", "Now"),
    ("filing", "Filing"),
    ("evidence", "Evidence"),
    ("review", "Review"),
    ("questions", "Questions"),
    ("decision", "Decision"),
    ("record", "Record"),
)
View = Callable[..., Response]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A refused act as a page shows it, with what happened since the page was opened, if that is the reason."""

    what: str
    why: str
    way_out: dict[str, str] | None = None
    citation: str | None = None
    meanwhile: tuple[Entry, ...] = ()


def case_page(rule: str, name: str) -> Callable[[View], View]:
    """A page of the case for its agency team; a lab's person gets `review.web.lab.<name>` instead.

    Nobody of the team sees content before declaring; the docket manager sees the team alone.
    """

    def register(view: View) -> View:
        @wraps(view)
        def opened(here: Here, **values: Any) -> Response:
            if here.person.is_lab:
                return of_the_lab(name, here, **values)
            if not permissions.may_see_content(here.facts):
                return closed(here)
            return view(here, **values)

        page(blueprint, rule, get="case:team", endpoint=name)(opened)
        return opened

    return register


def of_the_lab(name: str, here: Here, **values: Any) -> Response:
    """The lab's page of the same name, or the answer for a page that is not there."""
    view = getattr(import_module("review.web.lab"), name, None)
    if view is None:
        abort(404)
    return cast(Response, view(here, **values))


def closed(here: Here) -> Response:
    """What a person sees who may know the case but not its content: the declaration, or the team."""
    if here.facts.my_roles & set(CASE_ROLES):
        return here.redirect("agency.declare", case_id=case_id(here))
    return here.redirect("agency.team", case_id=case_id(here))


def case_id(here: Here) -> str:
    assert here.case is not None
    return here.case.id


# The head of every page --------------------------------------------------------------------------


def my_todos(here: Here) -> tuple[Todo, ...]:
    """What the case asks of this person now."""
    mine = position(here.facts).todos
    return tuple(t for t in mine if t.person_id == here.person.id or (t.role and t.role in here.person.roles))


def head_facts(here: Here, file: CaseFile) -> list[dict[str, Any]]:
    """Whose turn, by when, how long: at the right of the title."""
    head = file.header
    mine = bool(my_todos(here))
    facts: list[dict[str, Any]] = [
        {
            "label": "Whose turn",
            "turn": head.turn.value.lower(),
            "turn_label": "Agency, you" if mine and head.turn is Turn.AGENCY else None,
        }
    ]
    if head.state in ENDED:
        return [*facts, {"label": "Ended", "value": head.waiting_for}]
    if head.state in {State.SUBMITTED, State.ACCEPTANCE_SCREENING} and here.facts.cycle is not None:
        return [
            *facts,
            {"label": "Screen by", "day": here.facts.cycle.screening_due_on},
            {"label": "If nobody answers", "value": "counts as accepted"},
        ]
    if head.clock is not None:
        held = not head.clock.running
        facts.append({"label": "Goal, if sent today" if held else "Goal date", "day": head.clock.goal_date})
        facts.append({"label": "Time left", "value": head.clock.time_left})
    return facts


def tabs(here: Here, file: CaseFile, current: str) -> list[dict[str, Any]]:
    """The seven parts in their fixed order, each with its count."""
    signed = {line.review.discipline for line in file.reviews if line.signed}
    asked = sum(request.issued_at is not None for request in file.requests)
    counts: dict[str, Any] = {
        "now": "screening" if file.header.state is State.ACCEPTANCE_SCREENING else None,
        "filing": f"v{file.filed.ordinal}" if file.filed else None,
        "evidence": len(file.evidence),
        "review": f"{len(signed)} of {len(file.disciplines)}" if file.disciplines else None,
        "questions": asked,
    }
    return [
        {
            "label": label,
            "href": url_for(f"agency.{name}", case_id=file.header.case_id),
            "current": name == current,
            "count": counts.get(name),
        }
        for name, label in TABS
    ]


def case_file(here: Here, *, entries: bool = False) -> CaseFile:
    """The case as this person may know it; with its events where the page tells them."""
    own = gather.entries(here.conn, case_id(here)) if entries else ()
    return build(here.facts, here.audience, own, own[-1].index if own else 0)


def render(
    here: Here,
    template: str,
    tab: str,
    *,
    file: CaseFile | None = None,
    refused: Shown | None = None,
    problems: tuple[Any, ...] = (),
    status: int = 200,
    title: str = "",
    **values: Any,
) -> Response:
    """A page of the case: head, tabs, what went wrong, and the page's own values."""
    shown = file or case_file(here)
    name = dict(TABS).get(tab, "Case")
    body = here.render(
        template,
        title=f"{title or name}: {shown.header.title}",
        file=shown,
        head_facts=head_facts(here, shown),
        tabs_items=tabs(here, shown, tab),
        refused=refused,
        problems=problems,
        expects=here.newest,
        here_id=here.person.id,
        today=here.today,
        now_role=my_role(here),
        **values,
    )
    response = make_response(body)
    response.status_code = status
    return response


def my_role(here: Here) -> Role | None:
    return next((role for role in CASE_ROLES if role in here.facts.my_roles), None)


# Refusals ----------------------------------------------------------------------------------------


def refusing(here: Here, act: Act, show: Callable[[Shown], Response]) -> Callable[..., Response]:
    """How a refused act comes back: on its page, with all that was typed; bare where the page is not the person's."""

    def again(refusals: tuple[Refusal, ...]) -> Response:
        shown = shown_refusal(here, act, refusals)
        if here.person.is_lab or not permissions.may_see_content(here.facts):
            return make_response(here.render("agency/refused.html", title="Not done", refused=shown))
        return show(shown)

    return again


def shown_refusal(here: Here, act: Act, refusals: tuple[Refusal, ...]) -> Shown:
    """All reasons in words; the way out of the first that names one."""
    where = next((one.place for one in refusals if one.place), "")
    stale = any(one.code == "stale" for one in refusals)
    label = act.label
    return Shown(
        what=f"{label[:1].lower()}{label[1:]}",
        why=" ".join(one.sentence for one in refusals),
        way_out={"label": place_words(where), "href": address(case_id(here), where)}
        if where and where != "now"
        else None,
        citation=", ".join(dict.fromkeys(one.citation for one in refusals if one.citation)) or None,
        meanwhile=_since(here) if stale else (),
    )


def _since(here: Here) -> tuple[Entry, ...]:
    """What happened on the case after the page was opened."""
    seen = str(here.form.get("expects") or "")
    after = int(seen) if seen.isdecimal() and len(seen) < 16 else 0
    newest = gather.entries(here.conn, case_id(here), limit=20)
    return tuple(entry for entry in newest if entry.index > after and not entry.refused)
