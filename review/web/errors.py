"""What a person reads when something was not done: what, why, and what can be done now. Nothing typed is lost."""

import logging
import secrets
from typing import Any

from flask import Flask, Response, make_response, request
from werkzeug.exceptions import HTTPException

from review.rules.refusals import Refusal
from review.rules.vocabulary import Act
from review.web import places
from review.web.here import Again, Here, current

LOG = logging.getLogger("review.web")
MOVED_ON = frozenset({"stale", "sequence", "G-VERSION"})
NOT_KEPT = frozenset({"csrf_token", "key", "expects", "password", "nonce", "action"})

SENTENCES = {
    400: ("Not understood: what the browser sent", "The request was not complete, or it was too old."),
    405: ("Not done: this address does not take that", "Go back and use the button on the page."),
    408: ("Not done: the sending took too long", "Nothing was changed. Send it again."),
    413: (
        "Not done: that is too large",
        "One sending takes 50 MB. With script on, larger files go in pieces.",
    ),
    431: ("Not done: that is too large", "The form has more parts than one page can have."),
}


def status_of(refusals: tuple[Refusal, ...]) -> int:
    """409 when the case has moved on, 422 when something is missing or not allowed."""
    return 409 if any(refusal.code in MOVED_ON for refusal in refusals) else 422


def refused(here: Here, act: Act, refusals: tuple[Refusal, ...], again: Again | None = None) -> Response:
    """The answer to a refused act: the caller's own page with the refusals, or ours."""
    if any(refusal.code == "none" for refusal in refusals) and here.case is not None:
        return nothing_here(here)
    if again is not None:
        return make_response(again(refusals), status_of(refusals))
    return here.answer(
        "errors/refused.html",
        status_of(refusals),
        title=f"Not done: {act.label}",
        what=lowered(act.label),
        refusals=[shown(refusal, here) for refusal in refusals],
        typed=typed(here),
        back=back(here),
    )


def shown(refusal: Refusal, here: Here) -> dict[str, Any]:
    """A refusal as pages print it: sentence, citation and the way out."""
    case_id = here.case.id if here.case else None
    return {
        "why": refusal.sentence,
        "citation": refusal.citation,
        "way_out": places.way_out(refusal, case_id),
    }


def conflict(here: Here) -> Response:
    """The answer to a form that came twice with different content."""
    return here.answer(
        "errors/conflict.html",
        409,
        title="Not done: this form was sent before",
        typed=typed(here),
        back=back(here),
    )


def typed(here: Here) -> list[tuple[str, str]]:
    """What a person typed, to be copied; secrets and the form's own fields are left out."""
    pairs = [(name, value) for name, value in here.form.items(multi=True) if value.strip()]
    return [(name, value) for name, value in pairs if name not in NOT_KEPT and not name.endswith("-asked")]


def back(here: Here) -> str:
    """The page to go back to."""
    return f"/cases/{here.case.id}" if here.case else places.home(here.person)


def lowered(label: str) -> str:
    """A label inside a sentence."""
    return label[:1].lower() + label[1:]


def nothing_here(here: Here) -> Response:
    """The one answer for "not there" and "not yours"."""
    here.case = None
    links = [{"label": label, "href": href} for label, href in places.of(here.person)[:3]]
    return here.answer(
        "errors/nothing_here.html",
        404,
        title="There is nothing here for you",
        links=links,
        places=places.links(here.person, ""),
    )


def not_from_here(here: Here) -> Response:
    """The answer to an unsafe request without the token of a form of ours."""
    here.case = None
    return here.answer(
        "errors/plain.html",
        403,
        title="Not done: the form is too old",
        heading="Not done: the form is too old",
        sentence="You have signed out or in since the page was shown, or it was sent from another site. "
        "Nothing changed. Open the page again and send it from there.",
        typed=typed(here),
        back=back(here),
    )


def _http(error: HTTPException) -> Response:
    here = current()
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    code = error.code or 500
    if code == 404:
        return nothing_here(here)
    heading, sentence = SENTENCES.get(code, ("Not done", "The server could not do this."))
    here.case = None
    response = here.answer(
        "errors/plain.html",
        code,
        title=heading,
        heading=heading,
        sentence=sentence,
        typed=[],
        back=places.home(here.person),
    )
    if code == 405 and error.get_headers():
        response.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    return response


def _fault(error: Exception) -> Response:
    """Our own mistake: a reference for the person, the same one in the log, nothing half done."""
    reference = secrets.token_hex(4)
    LOG.error("reference %s: %s %s", reference, request.method, request.url_rule or "no rule", exc_info=error)
    here = current()
    try:
        here.release()
        return here.answer(
            "errors/fault.html",
            500,
            title="This did not work",
            reference=reference,
            back=places.home(here.person),
        )
    except Exception:  # the page itself may be what is broken
        LOG.exception("reference %s: no page either", reference)
        return make_response(f"This did not work. Nothing was changed. Reference {reference}.\n", 500)


def install(app: Flask) -> None:
    """Answer everything that goes wrong in our own words."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)
