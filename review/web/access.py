"""Who may open which page: one word for each route and method, and one way to declare it.

A route that declares none stops the application from starting. A case that is not yours answers exactly as one
that does not exist: same words, same work.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, abort, make_response, redirect, request

from review.records import store
from review.rules import permissions
from review.rules.facts import Facts
from review.rules.vocabulary import Role
from review.web.here import Here, current

View = Callable[..., Any]
HOUSE = "house:"


def _see(f: Facts) -> bool:
    """A draft is its lab's alone: neither auditors nor docket managers learn of it before it is filed."""
    return permissions.may_know(f) and permissions.may_see_content(f)


def _team(f: Facts) -> bool:
    return permissions.may_know(f) and (
        permissions.on_the_team(f) or permissions.permits("case:assign", f) or _see(f)
    )


CASE_WORDS: dict[str, Callable[[Facts], bool]] = {
    "case:see": _see,
    "case:team": _team,
    "case:lab": permissions.of_the_lab,
}
WORDS: dict[str, Callable[[Here], bool]] = {
    "public": lambda here: True,
    "signed_in": lambda here: bool(here.person.id),
    "lab": lambda here: here.person.is_lab,
    "agency": lambda here: bool(here.person.id) and not here.person.is_lab,
    **{
        f"{HOUSE}{role.value}": (lambda here, role=role: role in here.person.roles)  # type: ignore[misc]
        for role in Role
    },
}


class Undeclared(RuntimeError):
    """A route says nothing about who may open it, or uses a word that nobody knows."""


def page(
    blueprint: Blueprint,
    rule: str,
    *,
    get: str | None = None,
    post: str | None = None,
    put: str | None = None,
    endpoint: str | None = None,
) -> Callable[[View], View]:
    """Declare a page with one permission word for each method; the view receives `here` and the address's values.

    A rule with `<case_id>` loads the case into `here.case` and needs a case word; the view gets no `case_id`.
    """
    words = {
        method: word for method, word in (("GET", get), ("POST", post), ("PUT", put)) if word is not None
    }

    def declare(view: View) -> View:
        @wraps(view)
        def answer(**values: Any) -> Any:
            method = "GET" if request.method == "HEAD" else request.method
            here = current()
            barred = _bar(here, words[method], values.pop("case_id", None))
            return barred if barred is not None else view(here, **values)

        answer.permissions = words  # type: ignore[attr-defined]
        blueprint.add_url_rule(
            rule,
            endpoint or getattr(view, "__name__", rule),
            answer,
            methods=list(words),
            strict_slashes=False,
        )
        return view

    return declare


def _bar(here: Here, word: str, case_id: str | None) -> Response | None:
    """The answer for somebody who may not go on, or None."""
    if word == "public":
        return None
    if not here.person.id:
        return to_sign_in()
    if word in WORDS:
        return None if WORDS[word](here) else abort(404)
    here.case = store.case(here.conn, case_id or "")
    f = here.team_facts
    if here.case is None or not (CASE_WORDS[word](f) or permissions.on_the_team(f)):
        here.case = None
        abort(404)
    if CASE_WORDS[word](f):
        return None
    if word == "case:see" and not f.attested:
        return make_response(redirect(f"/cases/{here.case.id}/declare", 303))
    here.case = None
    abort(404)


def to_sign_in() -> Response:
    """Send a visitor to the sign-in page, and back afterwards when the page was only to be read."""
    back = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else ""
    return make_response(redirect(f"/sign-in?next={quote(back)}" if back else "/sign-in?again=1", 303))


def declared(app: Flask) -> dict[tuple[str, str], str]:
    """Every rule and method with its permission word. Raises Undeclared for one that has none."""
    found: dict[tuple[str, str], str] = {}
    for rule in app.url_map.iter_rules():
        words: dict[str, str] = getattr(app.view_functions[rule.endpoint], "permissions", {})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            word = words.get(method)
            if word is None:
                raise Undeclared(f"{method} {rule.rule} declares no permission. Use review.web.access.page.")
            if word not in WORDS and word not in CASE_WORDS:
                raise Undeclared(f"{method} {rule.rule} asks for {word!r}, which nobody defines.")
            if ("case_id" in rule.arguments) != (word in CASE_WORDS):
                raise Undeclared(
                    f"{method} {rule.rule} asks for {word!r}: a case word belongs to a case address."
                )
            found[rule.rule, method] = word
    return found
