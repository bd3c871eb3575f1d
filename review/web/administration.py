"""People and roles, for administrators; labs, for docket managers. No page here shows anything of a case."""

from typing import Any

from flask import Blueprint, Response, abort, make_response, request
from sqlalchemy import func, select

from forms.administration import AGENCY_ROLES, Invite, RoleAsked, invite, new_lab, role_asked
from forms.posted import Problem
from review.acts.installation import mail_link
from review.acts.perform import Conflict
from review.records import store
from review.records.tables import credential, job, session
from review.rules.entities import Organization, Person, RoleGrant
from review.rules.given import Target
from review.rules.refusals import Refused
from review.rules.vocabulary import LAB_ROLES, Act, Discipline
from review.web import errors
from review.web.access import page
from review.web.here import Here

blueprint = Blueprint("administration", __name__)

ADMINISTRATOR = "house:SYS_ADMIN"
DOCKET_MANAGER = "house:DOCKET_MANAGER"
JOBS_SHOWN = 10
JOB_WORDS = {
    "verify": "Check the ledger",
    "dossier": "Make a PDF",
    "document": "Make a document",
    "mail": "Send mail",
}


@page(blueprint, "/people", get=ADMINISTRATOR, endpoint="people")
def people(here: Here) -> str:
    """Who waits for me, then everybody with roles; jobs without content below."""
    house = House(here)
    wanted = request.args.get("show", "")
    show = wanted if wanted in {"agency", "labs", "ended", "all"} else "all"
    return here.render(
        "admin/people.html",
        title="People",
        name=here.person.name.split()[0],
        grants=[house.grant(grant) for grant in house.waiting if _may_confirm(here, grant)],
        rows=[house.row(person) for person in house.chosen(show)],
        show=show,
        counts={kind: len(house.chosen(kind)) for kind in ("all", "agency", "labs", "ended")},
        jobs=_jobs(here),
    )


@page(blueprint, "/people/invite", get=ADMINISTRATOR, post=ADMINISTRATOR, endpoint="invite")
def invite_person(here: Here) -> Response:
    """Invite a person: the account, and a one-time link in the mail folder."""
    if request.method == "GET":
        return _invite_page(here, Invite())
    form = invite(here.form)
    if form.problems:
        return _invite_page(here, form, form.problems)
    try:
        done = here.perform(Act.INVITE, form.given)
    except Refused as refused:
        fields = {"user_id": "user_id", "invitable": "user_id"}
        problems = [Problem(field=fields.get(r.code, "name"), sentence=r.sentence) for r in refused.refusals]
        return _invite_page(here, form, tuple(problems))
    except Conflict:
        return errors.conflict(here)
    if not done.repeated:
        mail_link(here.office, done.result, form.given.user_id)
    return here.done(
        Act.INVITE, done, f"/people/{done.result}", f"Invited. The link for {form.name} is in the mail."
    )


@page(blueprint, "/people/<id>", get=ADMINISTRATOR, endpoint="person")
def person(here: Here, id: str) -> str:
    """One person: account, roles past and present, and what an administrator can do."""
    return _person_page(here, id)


@page(blueprint, "/people/<id>/role", post=ADMINISTRATOR, endpoint="ask_role")
def ask_role(here: Here, id: str) -> Response:
    """Ask for a role; the other administrator confirms it."""
    form = role_asked(here.form, id)
    if form.problems:
        return make_response(_person_page(here, id, form, form.problems), 422)

    def again(refusals: Any) -> str:
        problems = tuple(Problem(field="role", sentence=refusal.sentence) for refusal in refusals)
        return _person_page(here, id, form, problems)

    said = "Asked for. The other administrator confirms it."
    return here.do(Act.REQUEST_ROLE, form.given, to=f"/people/{id}", again=again, said=said)


@page(blueprint, "/people/grants/<id>/confirm", post=ADMINISTRATOR, endpoint="confirm_role")
def confirm_role(here: Here, id: str) -> Response:
    """Confirm a role that the other administrator asked for."""
    return here.do(
        Act.GRANT_ROLE, Target(target=id), to="/people", said="Confirmed. The role is held from now on."
    )


@page(blueprint, "/people/grants/<id>/end", post=ADMINISTRATOR, endpoint="end_role")
def end_role(here: Here, id: str) -> Response:
    """End a role, or drop one that was asked for; what was done under it stays."""
    grant = store.get(here.conn, RoleGrant, id)
    back = f"/people/{grant.person_id}" if grant is not None else "/people"
    return here.do(
        Act.END_ROLE, Target(target=id), to=back, said="Ended. What was done under the role stays."
    )


@page(blueprint, "/people/<id>/deactivate", post=ADMINISTRATOR, endpoint="deactivate")
def deactivate(here: Here, id: str) -> Response:
    """Close an account; it is never deleted and its user id is never given to another."""
    if id == here.person.id:
        problem = Problem(
            field="deactivate", sentence="Nobody closes one's own account. Ask the other administrator."
        )
        return make_response(_person_page(here, id, None, (problem,)), 422)
    said = "Closed. All sessions of the account have ended."
    return here.do(Act.DEACTIVATE, Target(target=id), to=f"/people/{id}", said=said)


@page(blueprint, "/people/<id>/link", post=ADMINISTRATOR, endpoint="new_link")
def new_link(here: Here, id: str) -> Response:
    """Send a new one-time link to somebody who lost the password or never set one."""
    found = store.get(here.conn, Person, id)
    if found is None or not found.active:
        abort(404)
    here.release()
    mail_link(here.office, found.id, found.user_id)
    here.confirm(f"A new link for {found.name} is in the mail. It lasts 24 hours.")
    return here.redirect(f"/people/{id}")


@page(blueprint, "/labs", get=DOCKET_MANAGER, post=DOCKET_MANAGER, endpoint="labs")
def labs(here: Here) -> Response:
    """Labs: a new one is verified before it can file."""
    if request.method == "GET":
        return _labs_page(here)
    given, problems = new_lab(here.form)
    if problems:
        return _labs_page(here, problems)
    return here.do(
        Act.REGISTER_ORGANIZATION, given, to="/labs", said="Registered. It can file once you verify it."
    )


@page(blueprint, "/labs/<id>/verify", post=DOCKET_MANAGER, endpoint="verify_lab")
def verify_lab(here: Here, id: str) -> Response:
    """Say that a lab is who it says it is."""
    return here.do(Act.VERIFY_ORGANIZATION, Target(target=id), to="/labs", said="Verified. The lab can file.")


class House:
    """Everybody, every lab and every role, read once for a page."""

    def __init__(self, here: Here) -> None:
        self.me = here.person.id
        self.people = {one.id: one for one in store.all_of(here.conn, Person)}
        self.labs = {one.id: one for one in store.all_of(here.conn, Organization)}
        self.grants = store.all_of(here.conn, RoleGrant)
        accounts = here.conn.execute(
            select(credential.c.person_id, credential.c.password_hash, credential.c.locked_until)
        )
        self.accounts = {row.person_id: (bool(row.password_hash), row.locked_until) for row in accounts}
        seen = select(session.c.person_id, func.max(session.c.seen_at)).group_by(session.c.person_id)
        self.seen: dict[str, str] = {row[0]: row[1] for row in here.conn.execute(seen)}

    @property
    def waiting(self) -> list[RoleGrant]:
        """Roles that one administrator asked for and no other has confirmed."""
        return [grant for grant in self.grants if grant.granted_by is None and grant.ended_by is None]

    def chosen(self, show: str) -> list[Person]:
        """The people of one filter, by name."""
        match show:
            case "agency":
                found = [one for one in self.people.values() if one.active and one.organization_id is None]
            case "labs":
                found = [
                    one for one in self.people.values() if one.active and one.organization_id is not None
                ]
            case "ended":
                found = [one for one in self.people.values() if not one.active]
            case _:
                found = [one for one in self.people.values() if one.active]
        return sorted(found, key=lambda one: one.name.casefold())

    def name(self, id: str | None) -> str:
        """The name behind an id; the founding is the system's."""
        found = self.people.get(id or "")
        return found.name if found else "The founding of the house"

    def row(self, one: Person) -> dict[str, Any]:
        """One person in the list."""
        mine = [grant for grant in self.grants if grant.person_id == one.id]
        lab = self.labs.get(one.organization_id or "")
        asked = [grant for grant in mine if grant in self.waiting]
        return {
            "href": f"/people/{one.id}",
            "name": one.name,
            "belongs": lab.name if lab else "Agency",
            "roles": [role_words(grant) for grant in mine if grant.held]
            or ([one.lab_role.label] if one.lab_role else []),
            "title": one.title,
            "open": self._open(one, asked),
            "seen": self.seen.get(one.id),
        }

    def _open(self, one: Person, asked: list[RoleGrant]) -> str:
        has_password, locked = self.accounts.get(one.id, (False, None))
        if asked:
            who = ", ".join(
                f"{role_words(grant)}, asked by {self.name(grant.requested_by)}" for grant in asked
            )
            return f"Waits for the other administrator: {who}"
        if not has_password:
            return "Has not set a password yet"
        return "Locked after wrong passwords" if locked else ""

    def grant(self, grant: RoleGrant) -> dict[str, Any]:
        """One role that was asked for, as the other administrator confirms it."""
        held = [role_words(one) for one in self.grants if one.person_id == grant.person_id and one.held]
        return {
            "id": grant.id,
            "person": self.name(grant.person_id),
            "href": f"/people/{grant.person_id}",
            "role": role_words(grant),
            "asked_by": self.name(grant.requested_by),
            "held": ", ".join(held) or "no role yet",
        }


def role_words(grant: RoleGrant) -> str:
    """A role with its disciplines."""
    covered = ", ".join(discipline.label for discipline in grant.disciplines)
    return f"{grant.role.label}: {covered}" if covered else grant.role.label


def _may_confirm(here: Here, grant: RoleGrant) -> bool:
    return here.person.id not in {grant.requested_by, grant.person_id}


def _jobs(here: Here) -> list[dict[str, Any]]:
    """The newest jobs: kind, state and tries, nothing of a case."""
    query = select(job.c.id, job.c.kind, job.c.state, job.c.tries, job.c.progress, job.c.created_at)
    rows = here.conn.execute(query.order_by(job.c.created_at.desc()).limit(JOBS_SHOWN)).mappings()
    return [{**dict(row), "kind": JOB_WORDS.get(row["kind"], row["kind"].capitalize())} for row in rows]


def _invite_page(here: Here, form: Invite, problems: tuple[Problem, ...] = ()) -> Response:
    labs_known = sorted(store.all_of(here.conn, Organization), key=lambda lab: lab.name)
    text = here.render(
        "admin/invite.html",
        title="Invite a person",
        form=form,
        problems=problems,
        labs=labs_known,
        lab_roles=sorted(LAB_ROLES, key=lambda role: role.label, reverse=True),
    )
    return make_response(text, 422 if problems else 200)


def _person_page(
    here: Here, id: str, form: RoleAsked | None = None, problems: tuple[Problem, ...] = ()
) -> str:
    house = House(here)
    found = house.people.get(id)
    if found is None:
        abort(404)
    own = [grant for grant in house.grants if grant.person_id == id]
    return here.render(
        "admin/person.html",
        title=found.name,
        account=found,
        row=house.row(found),
        held=[(grant, role_words(grant), house.name(grant.granted_by)) for grant in own if grant.held],
        asked=[
            (grant, role_words(grant), house.name(grant.requested_by), _may_confirm(here, grant))
            for grant in own
            if grant in house.waiting
        ],
        ended=[(role_words(grant), house.name(grant.ended_by)) for grant in own if grant.ended_by],
        form=form,
        problems=problems,
        roles=AGENCY_ROLES,
        disciplines=tuple(Discipline),
        me=id == here.person.id,
    )


def _labs_page(here: Here, problems: tuple[Problem, ...] = ()) -> Response:
    known = store.all_of(here.conn, Organization)
    people_of: dict[str, int] = {}
    for one in store.all_of(here.conn, Person):
        if one.organization_id is not None and one.active:
            people_of[one.organization_id] = people_of.get(one.organization_id, 0) + 1
    names = {one.id: one.name for one in store.all_of(here.conn, Person)}
    rows = [
        {"lab": lab, "people": people_of.get(lab.id, 0), "verified_by": names.get(lab.verified_by or "", "")}
        for lab in sorted(known, key=lambda lab: (lab.verified_by is not None, lab.name.casefold()))
    ]
    text = here.render(
        "admin/labs.html", title="Labs", rows=rows, problems=problems, typed=here.form.get("lab_name", "")
    )
    return make_response(text, 422 if problems else 200)
