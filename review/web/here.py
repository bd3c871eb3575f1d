"""What a view works with: who asks, on which case, with what form; and the one way to do an act from a page."""

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from flask import Response, abort, current_app, g, make_response, redirect, request, url_for
from jinja2 import Environment
from sqlalchemy import Connection
from werkzeug.datastructures import ImmutableMultiDict

from review.acts.office import Office
from review.acts.perform import Conflict, Done, newest_event, perform
from review.acts.signing import Signing
from review.audit.text import kept_text
from review.casefile import gather
from review.records import store
from review.rules import policy
from review.rules.clock import local_date
from review.rules.entities import Assignment, Case, ConflictAttestation
from review.rules.facts import Actor, Facts
from review.rules.refusals import Refusal, Refused
from review.rules.vocabulary import Act, Audience, Role
from review.web import places, security, sessions
from review.web.sessions import Session

NOBODY = Actor(id="", name="")
NOTE_SECONDS = 60
KEY_LENGTH = 64
LONGEST_FIELD = 1_000_000
"""Characters of one field; a paper of 300 pages has fewer."""
SECRETS = frozenset({"password", "again"})
Again = Callable[[tuple[Refusal, ...]], Any]


class Note(NamedTuple):
    """A confirmation that the next page shows once: a sentence, and the ledger entry if there is one."""

    text: str
    receipt: int | None = None


class Here:
    """One request. The database is opened when first asked for and closed when the answer is ready."""

    def __init__(self, office: Office, templates: Environment) -> None:
        self.office = office
        self.templates = templates
        self.case: Case | None = None
        self.now: datetime = office.now()
        self.secure = bool(request.is_secure)
        self._open = ExitStack()
        self._conn: Connection | None = None
        self._new_form_cookie = ""
        self._note: Note | None = None
        self._leaving = False

    # Who asks ---------------------------------------------------------------------------------------

    @cached_property
    def token(self) -> str:
        """The session's token from the cookie; empty for a visitor."""
        return request.cookies.get(security.session_cookie(self.secure), "")

    @cached_property
    def _signed_in(self) -> tuple[Session, Actor] | None:
        return sessions.find(self.conn, self.token, self.now) if self.token else None

    @property
    def session(self) -> Session | None:
        return self._signed_in[0] if self._signed_in else None

    @property
    def person(self) -> Actor:
        """Who asks; a visitor has an empty id."""
        return self._signed_in[1] if self._signed_in else NOBODY

    @cached_property
    def csrf(self) -> str:
        """The token for forms: of the session, or for a visitor of a cookie that this answer sets."""
        if self.session is not None:
            return self.session.csrf
        cookie = request.cookies.get(security.form_cookie(self.secure), "")
        if not cookie:
            cookie = self._new_form_cookie = security.new_form_cookie()
        return security.form_token(cookie)

    # What it is about -------------------------------------------------------------------------------

    @property
    def conn(self) -> Connection:
        """One read transaction for the whole page, so that a page never mixes two moments."""
        if self._conn is None:
            self._conn = self._open.enter_context(self.office.database.reading())
        return self._conn

    def release(self) -> None:
        """Close the read transaction: before an act, as a reader holds up writers, and before a long answer."""
        self._conn = None
        self._open.close()

    @property
    def today(self) -> date:
        """The day in the agency's zone."""
        return local_date(self.now, policy.current().agency.zone)

    @cached_property
    def team_facts(self) -> Facts:
        """Enough of the case to know who the person is in it, and no content."""
        kinds = (Assignment.kind, ConflictAttestation.kind)
        case_id = self.case.id if self.case else ""
        records = store.of_case(self.conn, case_id, kinds)
        return gather.facts(self.conn, self.case, self.person, self.now, records=records)

    @cached_property
    def facts(self) -> Facts:
        """Everything that the rules may ask about this case and this person."""
        return gather.facts(self.conn, self.case, self.person, self.now, lacking=gather.missing)

    @property
    def audience(self) -> Audience:
        """For whom pages of a case are built."""
        if self.person.is_lab:
            return Audience.LAB
        return Audience.AUDIT if Role.AUDITOR in self.person.roles else Audience.INTERNAL_FULL

    @cached_property
    def newest(self) -> int:
        """The newest event of the case, for the hidden field `expects`."""
        assert self.case is not None
        return newest_event(self.conn, self.case.id)

    # What was sent ----------------------------------------------------------------------------------

    @cached_property
    def form(self) -> ImmutableMultiDict[str, str]:
        """The form as sent, its texts as the record keeps them; passwords stay as typed.

        Answers 413 for a field that no person types.
        """
        sent = request.form
        if any(len(text) > LONGEST_FIELD for text in sent.values()):
            abort(413)
        pairs = sent.items(multi=True)
        return ImmutableMultiDict((k, v if k in SECRETS else kept_text(v)) for k, v in pairs)

    def key(self) -> str:
        """A new idempotency key, for the hidden field `key` of a form that is shown."""
        return secrets.token_urlsafe(18)

    # Answers ----------------------------------------------------------------------------------------

    @cached_property
    def note(self) -> Note | None:
        """The confirmation that the page before left for this one."""
        kept = request.cookies.get(security.note_cookie(self.secure), "")
        text = security.unsealed(self.token, kept) if kept else None
        if text is None:
            return None
        try:
            sentence, entry = msgspec.json.decode(bytes.fromhex(text), type=tuple[str, int | None])
        except (ValueError, msgspec.DecodeError):
            return None
        return Note(sentence, entry)

    def render(self, template: str, **values: Any) -> str:
        """A page, with everything that its frame needs. `title` must be among the values.

        `csrf` is none for a visitor; a page with a form for visitors passes `csrf=here.csrf` itself.
        """
        person = self.person
        frame = {
            "site": places.site(self.office.settings, person, policy.current().version),
            "person": {"name": person.name, "role_line": places.role_line(person)} if person.id else None,
            "places": places.links(person, request.path),
            "csrf": self.csrf if person.id else None,
            "key": self.key,
            "here": self,
            "note": self.note,
        }
        return self.templates.get_template(template).render(**{**frame, **values})

    def answer(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page as a response with a status of its own."""
        return make_response(self.render(template, **values), status)

    def redirect(self, endpoint: str, **values: Any) -> Response:
        """See another page of ours: an endpoint, or an address that begins with a slash."""
        address = endpoint if endpoint.startswith("/") else url_for(endpoint, **values)
        return make_response(redirect(address, 303))

    def confirm(self, sentence: str, receipt: int | None = None) -> None:
        """Show a sentence once, on the page that comes next. It must not hold content of a case."""
        self._note = Note(sentence, receipt)

    # Acts -------------------------------------------------------------------------------------------

    def perform(self, act: Act, given: Any = None, signing: Signing | None = None) -> Done:
        """Do an act with the key and the expectation of the form. Raises Refused and Conflict."""
        key = self.form.get("key", "")[:KEY_LENGTH] or None
        expects = self.form.get("expects", "")
        self.release()
        self.__dict__.pop("facts", None)
        self.__dict__.pop("newest", None)
        return perform(
            self.office,
            self.person.id,
            act,
            self.case.id if self.case else None,
            given,
            signing_with=signing,
            key=key,
            expects=int(expects) if expects.isdecimal() and len(expects) < 16 else None,
        )

    def do(
        self, act: Act, given: Any = None, *, to: str, again: Again | None = None, said: str = ""
    ) -> Response:
        """Do an act and go on to `to`, an endpoint or an address; `{case_id}` and `{result}` in it are filled.

        Refused, the page is shown `again` with the refusals (status 409 or 422), or a page that says what was not
        done, why, and what can be done now. `said` replaces the sentence of the confirmation.
        """
        from review.web import errors

        try:
            done = self.perform(act, given)
        except Refused as refused:
            return errors.refused(self, act, refused.refusals, again)
        except Conflict:
            return errors.conflict(self)
        return self.done(act, done, to, said)

    def done(self, act: Act, done: Done, to: str, said: str = "") -> Response:
        """Confirm an act and go on."""
        self.confirm(said or f"{gather.DONE.get(act, act.label)}.", done.index)
        if to.startswith("/"):
            return self.redirect(to.replace("{case_id}", done.case_id or "").replace("{result}", done.result))
        wants_case = current_app.url_map.is_endpoint_expecting(to, "case_id")
        return self.redirect(to, **({"case_id": done.case_id} if wants_case else {}))

    def sign(
        self, act: Act, given: Any = None, *, title: str, to: str, preview_template: str | None = None
    ) -> Response:
        """Show what will be signed, with the way to sign it; the signing itself is a route of its own."""
        from review.web import signing

        return signing.show(self, act, given, title=title, to=to, preview_template=preview_template)

    # The end ----------------------------------------------------------------------------------------

    def finish(self, response: Response) -> Response:
        """Close the transaction, note the use of the session, set the cookies that this answer needs."""
        self.release()
        session = self.__dict__.get("_signed_in")
        if session and not self._leaving:
            sessions.seen(self.office, session[0])
        if self._new_form_cookie:
            name = security.form_cookie(self.secure)
            security.set_cookie(response, name, self._new_form_cookie, secure=self.secure)
        self._finish_note(response)
        return response

    def _finish_note(self, response: Response) -> None:
        name = security.note_cookie(self.secure)
        if self._note is not None and self.token:
            text = msgspec.json.encode(tuple(self._note)).hex()
            value = security.sealed(self.token, text)
            security.set_cookie(response, name, value, secure=self.secure, seconds=NOTE_SECONDS)
        elif self.__dict__.get("note") is not None:
            response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="Lax")

    def signed_in_as(self, response: Response, token: str) -> Response:
        """Give the browser its session."""
        self.__dict__["token"] = token
        security.set_cookie(response, security.session_cookie(self.secure), token, secure=self.secure)
        return response

    def signed_out(self, response: Response) -> Response:
        """Take the session from the browser."""
        self._leaving = True
        name = security.session_cookie(self.secure)
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="Lax")
        return response


def current() -> Here:
    """The request at hand."""
    here: Here = g.here
    return here
