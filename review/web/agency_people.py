"""People on a case: who declares conflicts, who is assigned, who leaves."""

from typing import Any

from flask import Response, make_response, request, url_for
from sqlalchemy import select, true

from forms import team as forms
from forms.posted import Problem
from review.records.store import decode
from review.records.tables import record
from review.rules import permissions
from review.rules.entities import Person, RoleGrant
from review.rules.guards.people import MANAGER_ASSIGNS
from review.rules.vocabulary import CASE_ROLES, Act, Discipline, Role
from review.rules.workflow import ROW
from review.web.access import page
from review.web.cases import (
    Shown,
    blueprint,
    case_file,
    case_id,
    head_facts,
    of_the_lab,
    render,
    shown_refusal,
    tabs,
)
from review.web.here import Here

# Declaring ---------------------------------------------------------------------------------------


@page(blueprint, "/cases/<case_id>/declare", get="case:team", post="case:team", endpoint="declare")
def declare(here: Here) -> Response:
    """Conflicts of interest, before any content of the case is shown: its lab and named comparators only."""
    if here.person.is_lab:
        return of_the_lab("declare", here)
    form = forms.posted_declaration(here.form)
    if not here.facts.my_roles & set(CASE_ROLES):
        if request.method == "POST":
            return here.do(Act.ATTEST_CONFLICTS, form.given, to="agency.team")
        return here.redirect("agency.team", case_id=case_id(here))
    if request.method == "GET":
        return _declaration(here, forms.DeclarationForm())
    if form.problems:
        return _declaration(here, form, status=422)
    to = url_for("agency.desk") if form.given.interest else url_for("agency.now", case_id=case_id(here))
    return here.do(
        Act.ATTEST_CONFLICTS,
        form.given,
        to=to,
        again=lambda refusals: _declaration(
            here, form, refused=shown_refusal(here, Act.ATTEST_CONFLICTS, refusals)
        ),
    )


def _declaration(
    here: Here, form: forms.DeclarationForm, *, refused: Shown | None = None, status: int = 200
) -> Response:
    case = here.case
    assert case is not None
    mine = here.facts.my_attestation
    roles = sorted(role.label.lower() for role in here.facts.my_roles if role in CASE_ROLES)
    body = here.render(
        "agency/declare.html",
        title=f"Declare conflicts: {case.number}",
        case=case,
        roles=roles,
        form=form,
        problems=form.problems,
        refused=refused,
        before=mine,
        years=here.facts.policy.conflicts.look_back_years,
    )
    return make_response(body, status)


# The team ----------------------------------------------------------------------------------------


@page(blueprint, "/cases/<case_id>/team", get="case:team", endpoint="team")
def team(here: Here) -> Response:
    """Who works on the case; whoever assigns does it here."""
    if here.person.is_lab:
        return of_the_lab("team", here)
    f = here.facts
    if not (permissions.may_see_content(f) or permissions.permits("case:assign", f)):
        return here.redirect("agency.declare", case_id=case_id(here))
    return show_team(here)


def show_team(
    here: Here, *, problems: tuple[Problem, ...] = (), refused: Shown | None = None, status: int = 200
) -> Response:
    f = here.facts
    assigns = permissions.permits("case:assign", f) and _state_allows(here)
    lead = Role.LEAD in f.my_roles and f.attested
    roles = [Role.REVIEWER] if lead else [role for role in CASE_ROLES if role in MANAGER_ASSIGNS]
    values: dict[str, Any] = {
        "members": _members(here),
        "left": [a for a in f.assignments if a.ended is not None],
        "offers": [_offer(here, role) for role in roles] if assigns else [],
        "can_recuse": bool(f.my_roles & set(CASE_ROLES)) and _state_allows(here),
        "uncovered": _uncovered(here),
    }
    if permissions.may_see_content(f):
        return render(
            here,
            "agency/team.html",
            "team",
            title="Team",
            problems=problems,
            refused=refused,
            status=status,
            **values,
        )
    file = case_file(here)
    body = here.render(
        "agency/team.html",
        title=f"Team: {file.header.number}",
        file=file,
        head_facts=head_facts(here, file)[:1],
        tabs_items=[one for one in tabs(here, file, "team") if one["current"]],
        problems=problems,
        refused=refused,
        expects=here.newest,
        today=here.today,
        **values,
    )
    return make_response(body, status)


def _state_allows(here: Here) -> bool:
    return here.facts.state in ROW[Act.ASSIGN_ROLE].start


def _members(here: Here) -> list[dict[str, Any]]:
    """Everybody who holds a role now, with what they declared."""
    f = here.facts
    declared = {a.person_id: a for a in sorted(f.attestations, key=lambda a: a.at)}
    rows = []
    for role in CASE_ROLES:
        held = [a for a in f.held if a.role is role]
        if not held and role in {Role.REVIEWER, Role.RATIFIER}:
            continue
        if not held:
            rows.append({"role": role.label, "name": "Nobody yet", "empty": True})
        for a in held:
            mine = declared.get(a.person_id)
            rows.append(
                {
                    "role": role.label,
                    "name": a.person_name,
                    "disciplines": ", ".join(d.label for d in a.disciplines),
                    "since": a.since,
                    "declared": mine.at if mine else None,
                    "you": a.person_id == here.person.id,
                }
            )
    return rows


def _uncovered(here: Here) -> list[Discipline]:
    f = here.facts
    covered = {d for a in f.held if a.role is Role.REVIEWER for d in a.disciplines}
    return [d for d in (f.cycle.disciplines if f.cycle else ()) if d not in covered]


def _offer(here: Here, role: Role) -> dict[str, Any]:
    """Whom one may choose for a role: people who hold it in the agency and no other role on this case."""
    f = here.facts
    holder = f.holder(role)
    people = []
    for person, disciplines in _holders(here, role):
        if f.roles_ever(person.id) - {role}:
            continue
        people.append({"id": person.id, "name": person.name, "disciplines": disciplines})
    return {
        "role": role,
        "people": people,
        "holder": holder.person_name if holder and role is not Role.REVIEWER else None,
        "holder_id": holder.person_id if holder and role is not Role.REVIEWER else None,
        "disciplines": _uncovered(here) or list(f.cycle.disciplines if f.cycle else ()),
        "every_discipline": list(f.cycle.disciplines if f.cycle else Discipline),
    }


def _holders(here: Here, role: Role) -> list[tuple[Person, tuple[Discipline, ...]]]:
    """Active people of the agency who hold the role, by name."""
    grants: dict[str, list[RoleGrant]] = {}
    for grant in _grants(here):
        if grant.role is role and grant.held:
            grants.setdefault(grant.person_id, []).append(grant)
    found = []
    for person_id, own in grants.items():
        person = _people(here).get(person_id)
        if person is not None and person.active and person.organization_id is None:
            found.append((person, tuple(dict.fromkeys(d for grant in own for d in grant.disciplines))))
    return sorted(found, key=lambda pair: pair[0].name)


def _grants(here: Here) -> list[RoleGrant]:
    """Grants in force; read once for a page."""
    kept = here.__dict__.get("_agency_grants")
    if kept is None:
        statement = select(record.c.body).where(record.c.kind == RoleGrant.kind, record.c.held.is_(true()))
        kept = [decode(RoleGrant.kind, body) for body in here.conn.execute(statement).scalars()]
        here.__dict__["_agency_grants"] = kept
    return list(kept)


def _people(here: Here) -> dict[str, Person]:
    """The people who hold a grant; read once for a page."""
    kept = here.__dict__.get("_agency_people")
    if kept is None:
        ids = {grant.person_id for grant in _grants(here)}
        statement = select(record.c.body).where(record.c.kind == Person.kind, record.c.id.in_(ids))
        people = [decode(Person.kind, body) for body in here.conn.execute(statement).scalars()]
        kept = here.__dict__["_agency_people"] = {person.id: person for person in people}
    return dict(kept)


@page(blueprint, "/cases/<case_id>/team/assign", post="case:team", endpoint="assign")
def assign(here: Here) -> Response:
    """Give a role to a person."""
    form = forms.posted_assignment(here.form)
    if form.problems:
        return show_team(here, problems=form.problems, status=422) if _may_open(here) else team(here)
    return here.do(
        Act.ASSIGN_ROLE,
        form.given,
        to=url_for("agency.team", case_id=case_id(here)),
        again=lambda refusals: _team_again(here, Act.ASSIGN_ROLE, refusals),
    )


@page(blueprint, "/cases/<case_id>/team/recuse", post="case:team", endpoint="recuse")
def recuse(here: Here) -> Response:
    """Leave the case, with the reason; access closes at once."""
    form = forms.posted_reason(here.form)
    if form.problems:
        return show_team(here, problems=form.problems, status=422) if _may_open(here) else team(here)
    return here.do(
        Act.RECUSE,
        form.given,
        to=url_for("agency.desk"),
        again=lambda refusals: _team_again(here, Act.RECUSE, refusals),
    )


def _may_open(here: Here) -> bool:
    f = here.facts
    inside = permissions.may_see_content(f) or permissions.permits("case:assign", f)
    return inside and not here.person.is_lab


def _team_again(here: Here, act: Act, refusals: tuple[Any, ...]) -> Response:
    shown = shown_refusal(here, act, refusals)
    if _may_open(here):
        return show_team(here, refused=shown)
    return make_response(here.render("agency/refused.html", title="Not done", refused=shown))
