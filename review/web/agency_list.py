"""The list of cases: search, filters as links, fifty rows a page by keyset."""

from typing import Any

from flask import Response, make_response, request, url_for

from review import worklists
from review.rules.vocabulary import DECIDED, State, Turn
from review.web.access import page
from review.web.cases import blueprint
from review.web.here import Here

STATES = (
    State.ACCEPTANCE_SCREENING,
    State.SUBSTANTIVE_REVIEW,
    State.INFORMATION_REQUEST_HOLD,
    State.RECOMMENDATION,
    State.LAB_RESPONSE_WINDOW,
    State.DECISION_PENDING,
    State.DECIDED_APPROVED,
    State.DECIDED_RESTRICTED,
    State.DECIDED_DENIED,
)


@page(blueprint, "/cases", get="signed_in", endpoint="cases")
def cases(here: Here) -> Response:
    """The cases that the person may know of, newest first; one statement, however many there are."""
    asked = {key: request.args.get(key, "")[:200] for key in ("q", "turn", "state", "after")}
    lines, older = worklists.case_list(
        here.conn,
        here.person,
        here.today,
        search=asked["q"],
        turn=asked["turn"],
        state=asked["state"],
        after=asked["after"],
    )
    body = here.render(
        "agency/cases.html",
        title="Cases",
        lines=lines,
        asked=asked,
        turns=_turns(asked),
        states=_states(asked),
        older=_link(asked, after=older) if older else None,
        first=_link(asked, after="") if asked["after"] else None,
        clear=url_for("agency.cases"),
        today=here.today,
        decided=DECIDED,
    )
    return make_response(body)


def _link(asked: dict[str, str], **change: str) -> str:
    kept = {**asked, **change}
    return url_for("agency.cases", **{key: value for key, value in kept.items() if value})  # type: ignore[arg-type]


def _turns(asked: dict[str, str]) -> list[dict[str, Any]]:
    words = (("", "All"), (Turn.AGENCY.value, "Agency's turn"), (Turn.LAB.value, "Lab's turn"))
    rest = ((Turn.NOBODY.value, "Ended"),)
    return [
        {"label": label, "href": _link(asked, turn=value, after=""), "current": asked["turn"] == value}
        for value, label in (*words, *rest)
    ]


def _states(asked: dict[str, str]) -> list[dict[str, Any]]:
    every = [{"label": "Any state", "href": _link(asked, state="", after=""), "current": not asked["state"]}]
    return every + [
        {
            "label": state.label,
            "href": _link(asked, state=state.value, after=""),
            "current": asked["state"] == state.value,
        }
        for state in STATES
    ]
