"""Forms of administrators and docket managers: invite a person, ask for a role, register a lab."""

from __future__ import annotations

import msgspec

from forms.posted import Posted, Problem, text, word, words
from review.rules.given import Invitation, NewOrganization, RoleRequest
from review.rules.vocabulary import LAB_ROLES, Discipline, Role

AGENCY_ROLES = tuple(role for role in Role if role not in LAB_ROLES and role is not Role.SYS)


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation as typed; `lab` is empty for a person of the agency."""

    name: str = ""
    user_id: str = ""
    title: str = ""
    lab: str = ""
    lab_role: Role | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        found = []
        if not self.name:
            found.append(Problem(field="name", sentence="Give the person's name."))
        if "@" not in self.user_id or self.user_id.split() != [self.user_id]:
            found.append(Problem(field="user_id", sentence="Give a mail address, such as name@lab.example."))
        if self.lab and self.lab_role not in LAB_ROLES:
            found.append(Problem(field="lab_role", sentence="Say what the person does at the lab."))
        return tuple(found)

    @property
    def given(self) -> Invitation:
        return Invitation(
            user_id=self.user_id,
            name=self.name,
            title=self.title,
            organization_id=self.lab or None,
            lab_role=self.lab_role if self.lab else None,
        )


def invite(form: Posted) -> Invite:
    """Read the invitation form."""
    return Invite(
        name=text(form, "name")[:200],
        user_id=text(form, "user_id")[:200],
        title=text(form, "title")[:200],
        lab=text(form, "lab"),
        lab_role=word(form, "lab_role", Role),
    )


class RoleAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A role asked for, as chosen."""

    person_id: str
    role: Role | None
    disciplines: tuple[Discipline, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        found = []
        if self.role is None:
            found.append(Problem(field="role", sentence="Choose a role."))
        if self.role is Role.REVIEWER and not self.disciplines:
            found.append(
                Problem(field="disciplines", sentence="Choose the disciplines that the reviewer covers.")
            )
        return tuple(found)

    @property
    def given(self) -> RoleRequest:
        assert self.role is not None
        disciplines = self.disciplines if self.role is Role.REVIEWER else ()
        return RoleRequest(person_id=self.person_id, role=self.role, disciplines=disciplines)


def role_asked(form: Posted, person_id: str) -> RoleAsked:
    """Read the form that asks for a role."""
    return RoleAsked(
        person_id=person_id,
        role=word(form, "role", Role),
        disciplines=words(form, "disciplines", Discipline),
    )


def new_lab(form: Posted) -> tuple[NewOrganization, tuple[Problem, ...]]:
    """Read the form that registers a lab."""
    name = text(form, "lab_name")[:200]
    problems = () if name else (Problem(field="lab_name", sentence="Give the lab's legal name."),)
    return NewOrganization(name=name), problems
