"""The page on which a person signs, and the signing itself (21 CFR 11.50, 11.70, 11.200).

What is signed is shown first and kept as exact bytes. The first signing of a session asks for both components;
later ones know the user id (11.200(a)(1)(i)).
"""

import hashlib
import typing
from functools import cache
from typing import Any

import msgspec
from flask import Blueprint, Response, abort, make_response, url_for
from markupsafe import Markup
from werkzeug.routing import BuildError

from forms.account import own_address
from review.acts import Signing, prepare
from review.acts import signing as signatures
from review.acts.door import FUNCTIONS
from review.acts.perform import Conflict
from review.printing.filters import moment
from review.rules.facts import Facts
from review.rules.refusals import Refusal, Refused
from review.rules.signature import RecordKind
from review.rules.vocabulary import DECIDED, Act, Meaning, Role
from review.rules.workflow import ROW, Row
from review.settings import DEMONSTRATION_PASSWORD, PERSONAS
from review.web import errors, sessions
from review.web.access import page
from review.web.here import Here

blueprint = Blueprint("signing", __name__)

THINGS: dict[RecordKind, str] = {
    RecordKind.FILING: "Filing",
    RecordKind.REVIEW: "Discipline review",
    RecordKind.MEMO: "Cross-discipline memo",
    RecordKind.NOTICE: "Notice of intended decision",
    RecordKind.DECISION: "Decision",
    RecordKind.PANEL: "Panel advice",
}
CLOCK_WORDS = {
    "receipt date fixed": "Today is the day of receipt.",
    "new receipt": "Today is the new day of receipt.",
    "stop": "The clock stops.",
    "end": "The clock ends.",
}
TOLD = {"LAB": "the lab", "TEAM": "the team", "PUBLIC": "the public register"}


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A prepared record on its page, whether just made or looked up again."""

    nonce: str
    kind: RecordKind
    record_sha256: str
    content_sha256: str
    opened_at: Any
    title: str
    to: str


def show(
    here: Here, act: Act, given: Any, *, title: str, to: str, preview_template: str | None = None
) -> Response:
    """Prepare what will be signed and show it; a refused act says why instead."""
    assert here.case is not None
    here.release()
    try:
        made = prepare(here.office, here.person.id, act, here.case.id, given)
    except Refused as refused:
        return errors.refused(here, act, refused.refusals)
    preview = None
    if preview_template is not None:
        preview = Markup(here.render(preview_template, title=title, content=made.content, given=given))  # noqa: S704
    shown = Shown(
        nonce=made.nonce,
        kind=RecordKind(made.kind),
        record_sha256=made.record_sha256,
        content_sha256=made.content_sha256,
        opened_at=here.now,
        title=title,
        to=_address(here, to),
    )
    return make_response(_page(here, act, shown, preview=preview))


@page(blueprint, "/cases/<case_id>/sign/<act>", post="case:see", endpoint="sign")
def sign(here: Here, act: str) -> Response:
    """Check both components and do the act with what was prepared; a wrong password changes nothing."""
    assert here.case is not None
    word = next((known for known in signatures.SIGNED_AS if known.value == act), None)
    if word is None:
        abort(404)
    nonce, to = here.form.get("nonce", ""), _address(here, here.form.get("to", ""))
    row = signatures.stored(here.conn, here.person.id, here.case.id, word, nonce)
    if row is None:
        return errors.refused(here, word, (_read_again(),))
    given = _given(word, row["given"])
    components = Signing(
        nonce=nonce, user_id=here.form.get("user_id", "").strip(), password=here.form.get("password", "")
    )
    shown = Shown(
        nonce=nonce,
        kind=RecordKind(row["record_kind"]),
        record_sha256=hashlib.sha256(row["record"]).hexdigest(),
        content_sha256=row["content_sha256"],
        opened_at=row["opened_at"],
        title=here.form.get("title", "")[:200] or word.label,
        to=to,
    )
    try:
        done = here.perform(word, given, components)
    except Refused as refused:
        if all(refusal.code == "signature" for refusal in refused.refusals):
            return make_response(_page(here, word, shown, problem=refused.refusals[0].sentence), 422)
        return errors.refused(here, word, refused.refusals)
    except Conflict:
        return errors.conflict(here)
    if here.session is not None:
        sessions.signed(here.office, here.session)
    return here.done(word, done, to)


def _page(here: Here, act: Act, shown: Shown, *, preview: Markup | None = None, problem: str = "") -> str:
    assert here.case is not None
    f = here.facts
    meaning = ROW[act].signature
    assert meaning is not None
    role = signatures.SIGNED_AS[act]
    record = {
        "over": " · ".join(
            part for part in (here.case.number, here.case.configuration, here.case.organization_name) if part
        ),
        "title": shown.title,
        "thing": _thing(f, shown),
        "thing_meta": "",
        "read_href": shown.to,
        "opened": None,
        "meaning": f"{meaning.label}. {meaning.sentence}",
        "digest": shown.record_sha256,
        "printed": _printed(here, role),
        "then": then(ROW[act], here.case.organization_name),
        "before": _before(f, shown),
    }
    known = here.session is not None and here.session.signed_at is not None
    return here.render(
        "sign.html",
        title=shown.title,
        record=record,
        shown=shown,
        button=_button(shown.title),
        address=f"/cases/{here.case.id}/sign/{act.value}",
        user_id=here.person.user_id if known else "",
        known=known,
        problem=problem,
        preview=preview,
        persona_password=_persona_password(here),
        persona_user_id=here.person.user_id,
    )


def _button(title: str) -> str:
    """The button names its effect, as the title does."""
    return title if title.startswith("Sign") else f"Sign: {title[:1].lower()}{title[1:]}"


def _thing(f: Facts, shown: Shown) -> str:
    thing = THINGS[shown.kind]
    match shown.kind:
        case RecordKind.DECISION if f.decision is not None:
            return f"{thing} {f.decision.number}, version {f.decision.version}"
        case RecordKind.FILING:
            return f"{thing}, version {len(f.filings) + 1}"
    return thing


def _printed(here: Here, role: Role) -> Markup:
    return Markup(
        "<b>{}</b>, {}, with date and time in UTC and Eastern, taken from the server when you sign"
    ).format(here.person.name, role.label.lower())


def then(row: Row, lab: str) -> str:
    """What follows from signing, in words: the new state, who is told, what happens to the clock."""
    said = []
    if row.to is not None:
        said.append(f"The case is {'decided' if row.to in DECIDED else 'then'}: {row.to.label.lower()}.")
    told = [
        TOLD.get(name, f"the {Role[name].label.lower()}" if name in Role.__members__ else "")
        for name in row.notify
    ]
    named = [lab if name == "the lab" else name for name in told if name and name != TOLD["PUBLIC"]]
    if named:
        words = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
        said.append(f"{words[:1].upper()}{words[1:]} {'are' if len(named) > 1 else 'is'} told at once.")
    if row.clock in CLOCK_WORDS:
        said.append(CLOCK_WORDS[row.clock])
    if "PUBLIC" in row.notify:
        said.append(
            "The register shows the outcome. You cannot take it back; a correction is a new decision."
        )
    else:
        said.append("The signature stays in the record.")
    return " ".join(said)


def _before(f: Facts, shown: Shown) -> list[Markup]:
    """Who signed the same version before."""
    words = {Meaning.LEGAL_SUFFICIENCY: "signed legal sufficiency for", Meaning.RATIFICATION: "ratified"}
    zone = f.policy.agency.timezone
    same = [
        s for s in f.signatures if s.id in f.valid_signatures and s.content_sha256 == shown.content_sha256
    ]
    return [
        Markup("{}, {}, {} this same version, {}.").format(
            s.printed_name, s.role.label.lower(), words.get(s.meaning, "signed"), moment(s.at, zone=zone)
        )
        for s in same
    ]


def _persona_password(here: Here) -> str:
    """Of a persona, in demonstration mode only."""
    personas = {persona.user_id for persona in PERSONAS}
    shows = here.office.settings.demonstration and here.person.user_id in personas
    return DEMONSTRATION_PASSWORD if shows else ""


def _address(here: Here, to: str) -> str:
    """Where to go after signing: an address of ours, else the case."""
    assert here.case is not None
    if own_address(to):
        return to
    if to and "/" not in to and ":" not in to:
        try:
            return url_for(to, case_id=here.case.id)
        except BuildError:
            pass
    return f"/cases/{here.case.id}"


def _given(act: Act, kept: bytes) -> Any:
    """What came with the act when it was prepared."""
    return msgspec.json.decode(kept, type=_kind(act))


@cache
def _kind(act: Act) -> Any:
    """The type that the act's function takes; anything where it takes nothing."""
    hints = typing.get_type_hints(FUNCTIONS[act])
    return hints.get("given", Any)


def _read_again() -> Refusal:
    return Refusal(
        code="G-VERSION",
        sentence="What you opened was signed already, or you opened it again since. Read it, then sign.",
        citation="21 CFR 11.70",
    )
