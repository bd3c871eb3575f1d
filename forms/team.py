"""Forms about people on a case: who is assigned, who declares an interest, who leaves, and the reason of an act."""

from __future__ import annotations

import msgspec

from forms.posted import Posted, Problem, text, word, words
from review.rules.given import Assign, Declaration, Reason, Withdrawal
from review.rules.vocabulary import Discipline, Role


class AssignForm(msgspec.Struct, frozen=True, kw_only=True):
    person_id: str = ""
    role: Role | None = None
    disciplines: tuple[Discipline, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def given(self) -> Assign:
        """The act's value. Only of a form without problems."""
        assert self.role is not None
        return Assign(person_id=self.person_id, role=self.role, disciplines=self.disciplines)


def posted_assignment(form: Posted) -> AssignForm:
    """Who takes which role; the form of a role carries the role's name in its field ids."""
    role = word(form, "role", Role)
    filled = AssignForm(
        person_id=text(form, "person_id"),
        role=role,
        disciplines=words(form, "disciplines", Discipline),
    )
    found = []
    if role is None:
        found.append(Problem(field="roles", sentence="Choose the role."))
    elif not filled.person_id:
        found.append(Problem(field=f"person-{role.value}", sentence=f"Choose the {role.label.lower()}."))
    if role is Role.REVIEWER and not filled.disciplines:
        found.append(Problem(field="disciplines", sentence="Choose at least one discipline."))
    return msgspec.structs.replace(filled, problems=tuple(found))


class DeclarationForm(msgspec.Struct, frozen=True, kw_only=True):
    interest: str = ""
    statement: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def given(self) -> Declaration:
        return Declaration(interest=self.interest == "yes", statement=self.statement)


def posted_declaration(form: Posted) -> DeclarationForm:
    filled = DeclarationForm(interest=text(form, "interest"), statement=text(form, "statement"))
    found = []
    if filled.interest not in ("yes", "no"):
        found.append(Problem(field="interest", sentence="Choose whether you have an interest."))
    if filled.interest == "yes" and not filled.statement:
        found.append(Problem(field="statement", sentence="Say what the interest is."))
    return msgspec.structs.replace(filled, problems=tuple(found))


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True):
    """An act whose only content is why; `target` names a record where the act concerns one."""

    reason: str = ""
    target: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def given(self) -> Reason:
        return Reason(reason=self.reason)

    @property
    def withdrawal(self) -> Withdrawal:
        return Withdrawal(target=self.target, reason=self.reason)


def posted_reason(form: Posted, field: str = "reason") -> ReasonForm:
    filled = ReasonForm(reason=text(form, field), target=text(form, "target"))
    problems = () if filled.reason else (Problem(field=field, sentence="Give the reason."),)
    return msgspec.structs.replace(filled, problems=problems)
