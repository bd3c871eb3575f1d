"""Coming in, going out, the account: user id and password; one click per persona in the demonstration."""

import hashlib
from typing import Any

from argon2.exceptions import VerifyMismatchError
from flask import Blueprint, Response, abort, make_response, request
from sqlalchemy import Connection, select

from forms.account import new_password, own_address
from forms.account import sign_in as sign_in_form
from forms.posted import Problem
from review.acts import signing
from review.acts.office import Office
from review.acts.people import PASSWORD_LENGTH, set_password
from review.acts.signing import Signing
from review.audit import canonical
from review.casefile import gather
from review.records import store
from review.records.tables import credential, invitation
from review.rules import policy
from review.rules.entities import Person
from review.rules.facts import Actor
from review.rules.refusals import Refused
from review.settings import PERSONAS, Persona
from review.web import places, sessions
from review.web.access import page
from review.web.here import Here

blueprint = Blueprint("sign_in", __name__)

WRONG = "User id or password is not right. Five wrong passwords close an account for a quarter of an hour."


@page(blueprint, "/sign-in", get="public", post="public", endpoint="sign_in")
def sign_in(here: Here) -> Response:
    """The sign-in page; every refusal says the same, whatever was wrong."""
    if request.method == "GET":
        if here.person.id:
            return here.redirect(own_address(request.args.get("next", "")) or places.home(here.person))
        return _shown(here, own_address(request.args.get("next", "")))
    form = sign_in_form(here.form)
    if form.problems:
        return _shown(here, form.next, form.user_id, form.problems)
    here.release()
    person = prove(here.office, form.user_id, form.password)
    if person is None:
        return _shown(here, form.next, form.user_id, (Problem(field="password", sentence=WRONG),))
    return _enter(here, person, form.next)


@page(blueprint, "/sign-in/as", post="public", endpoint="as_persona")
def as_persona(here: Here) -> Response:
    """One click per persona; there is no such page outside the demonstration."""
    if not here.office.settings.demonstration:
        abort(404)
    user_id = here.form.get("persona", "")
    if user_id not in {persona.user_id for persona in PERSONAS}:
        abort(404)
    found = _account(here.conn, user_id)
    if found is None:
        abort(404)
    person = gather.actor(here.conn, found[0])
    here.release()
    return _enter(here, person, own_address(here.form.get("next", "")))


@page(blueprint, "/sign-out", post="public", endpoint="sign_out")
def sign_out(here: Here) -> Response:
    """End this session, here and in the table."""
    session = here.session
    here.release()
    if session is not None:
        sessions.end(here.office, session.token_sha256, session.person_id)
    return here.signed_out(here.redirect("/"))


@page(blueprint, "/account", get="signed_in", endpoint="account")
def account(here: Here) -> str:
    """Who I am here, and where I am signed in."""
    mine = sessions.of_person(here.conn, here.person.id)
    limits = policy.current().sessions
    return here.render(
        "account/account.html",
        title="Your account",
        account=store.get(here.conn, Person, here.person.id),
        role_line=places.role_line(here.person),
        sessions=[one for one in mine if not sessions.over(one, here.person, here.now)],
        this=here.session,
        idle=limits.idle_minutes_official if here.person.roles & sessions.OFFICIALS else limits.idle_minutes,
        hours=limits.absolute_minutes // 60,
    )


@page(blueprint, "/account/sessions/end", post="signed_in", endpoint="end_session")
def end_session(here: Here) -> Response:
    """End one of my sessions, or all others."""
    session = here.session
    assert session is not None
    wanted = here.form.get("session", "")
    mine = [one.token_sha256 for one in sessions.of_person(here.conn, here.person.id)]
    here.release()
    ended = [one for one in mine if one == wanted or (wanted == "others" and one != session.token_sha256)]
    for token in ended:
        sessions.end(here.office, token, here.person.id)
    if session.token_sha256 in ended:
        return here.signed_out(here.redirect("/"))
    here.confirm("Ended. Whoever used it must sign in again." if ended else "That session was over already.")
    return here.redirect("sign_in.account")


@page(blueprint, "/account/<token>", get="public", post="public", endpoint="set_up")
def set_up(here: Here, token: str) -> Response:
    """Set a password by a one-time link."""
    person = _invited(here, token)
    if person is None:
        return here.answer("account/link_over.html", 410, title="This link no longer works")
    if request.method == "GET":
        return _set_up_page(here, person)
    form = new_password(here.form)
    if form.problems:
        return _set_up_page(here, person, form.problems)
    here.release()
    try:
        set_password(here.office, token, form.password)
    except Refused as refused:
        if any(refusal.code == "link" for refusal in refused.refusals):
            return here.answer("account/link_over.html", 410, title="This link no longer works")
        problems = tuple(Problem(field="password", sentence=r.sentence) for r in refused.refusals)
        return _set_up_page(here, person, problems)
    return here.redirect("/sign-in?set=1")


def prove(office: Office, user_id: str, password: str) -> Actor | None:
    """The person whose user id and password these are; None otherwise, after the same work.

    The fifth failure in a row locks the account for a while (21 CFR 11.300(d)).
    """
    with office.database.reading() as conn:
        found = _account(conn, user_id.casefold())
        person = gather.actor(conn, found[0]) if found else Actor(id="", name="")
    if found is None or not found[1] or found[2] > canonical.moment(office.now()):
        _same_work(office, password)
        return None
    try:
        signing.check_components(office, _of(found[0]), Signing(nonce="", user_id=user_id, password=password))
    except Refused:
        return None
    return person if person.id else None


def _of(person_id: str) -> Actor:
    return Actor(id=person_id, name="")


def _same_work(office: Office, password: str) -> None:
    """Spend what checking a real password costs, so that time tells nobody which accounts there are."""
    try:
        office.hasher.verify(signing.DUMMY_HASH, password)
    except VerifyMismatchError:
        return


def _account(conn: Connection, user_id: str) -> tuple[str, bool, str] | None:
    """An account by its user id: whose it is, whether it has a password, until when it is locked."""
    columns = (credential.c.person_id, credential.c.password_hash, credential.c.locked_until)
    row = conn.execute(select(*columns).where(credential.c.user_id == user_id)).one_or_none()
    return None if row is None else (row.person_id, bool(row.password_hash), row.locked_until or "")


def _enter(here: Here, person: Actor, wanted: str) -> Response:
    """A new session, and never the old one's id; then the page that was wanted, or the first screen."""
    old = here.session
    here.release()
    if old is not None:
        sessions.end(here.office, old.token_sha256, old.person_id)
    token = sessions.begin(here.office, person.id)
    return here.signed_in_as(here.redirect(wanted or places.home(person)), token)


def _shown(here: Here, wanted: str, user_id: str = "", problems: tuple[Problem, ...] = ()) -> Response:
    said = ""
    if request.args.get("set"):
        said = "Your password is set. Sign in with it."
    elif wanted or request.args.get("again"):
        said = "Sign in to go on. A session ends by itself when nobody uses it."
    text = here.render(
        "sign_in/sign_in.html",
        title="Sign in",
        csrf=here.csrf,
        wanted=wanted,
        user_id=user_id,
        problems=problems,
        said=said,
        personas=_personas() if here.office.settings.demonstration else [],
    )
    return make_response(text, 422 if problems else 200)


def _personas() -> list[dict[str, Any]]:
    """The demonstration's people: labs first, then the agency in the order of the procedure."""

    def group(title: str, chosen: list[Persona]) -> dict[str, Any]:
        return {"title": title, "people": chosen}

    labs = [one for one in PERSONAS if not one.user_id.endswith("@agency.example")]
    agency = [one for one in PERSONAS if one not in labs]
    return [group("At a lab", labs), group("At the agency", agency)]


def _invited(here: Here, token: str) -> Person | None:
    """Whom a link is for, while it works. Reading the page does not use the link up."""
    key = hashlib.sha256(token.encode()).hexdigest()
    row = (
        here.conn.execute(select(invitation).where(invitation.c.token_sha256 == key)).mappings().one_or_none()
    )
    if row is None or row["used_at"] is not None or row["expires_at"] < canonical.moment(here.now):
        return None
    return store.get(here.conn, Person, row["person_id"])


def _set_up_page(here: Here, person: Person, problems: tuple[Problem, ...] = ()) -> Response:
    text = here.render(
        "account/set_up.html",
        title="Set up your account",
        csrf=here.csrf,
        account=person,
        problems=problems,
        least=PASSWORD_LENGTH,
    )
    return make_response(text, 422 if problems else 200)
