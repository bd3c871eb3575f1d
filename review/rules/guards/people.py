"""Who may be who: on a case, and in the house."""

from review.rules.facts import Facts
from review.rules.given import (
    Assign,
    FindingGiven,
    Invitation,
    NewOrganization,
    ReviewConclusion,
    ReviewOf,
    RoleRequest,
)
from review.rules.guards.registry import guard, no
from review.rules.refusals import Refusal
from review.rules.vocabulary import LAB_ROLES, Role

MANAGER_ASSIGNS = frozenset({Role.INTAKE, Role.LEAD, Role.SIGNATORY, Role.COUNSEL, Role.RATIFIER})


@guard("G-SOD-1")
def one_role_on_a_case(f: Facts) -> Refusal | None:
    """The same person may not hold two conflicting roles on one case, over its whole history."""
    if not isinstance(f.given, Assign):
        return None
    others = sorted(r.label.lower() for r in f.roles_ever(f.given.person_id) if r is not f.given.role)
    if not others:
        return None
    return no(
        "G-SOD-1",
        f"This person has been {others[0]} on this case and may not be {f.given.role.label.lower()} too.",
        citation="separation of duties",
    )


@guard("assignable")
def person_may_be_assigned(f: Facts) -> Refusal | None:
    """The person holds the role in the agency; a reviewer covers the disciplines given."""
    if not isinstance(f.given, Assign):
        return None
    if Role.LEAD in f.my_roles and f.given.role is not Role.REVIEWER:
        return no("assignable", "The review lead assigns reviewers. The docket manager assigns the others.")
    if Role.LEAD not in f.my_roles and f.given.role not in MANAGER_ASSIGNS:
        return no("assignable", "The review lead assigns reviewers.")
    if f.subject is None or not f.subject.active or f.subject.organization_id is not None:
        return no("assignable", "There is no such person in the agency.")
    granted = [g for g in f.subject_grants if g.held and g.role is f.given.role]
    if not granted:
        return no("assignable", f"{f.subject.name} does not hold the role {f.given.role.label.lower()}.")
    if f.given.role is not Role.REVIEWER:
        return None
    covered = {d for g in granted for d in g.disciplines}
    lacking = [d for d in f.given.disciplines if d not in covered]
    if not f.given.disciplines:
        return no("assignable", "Name at least one discipline.")
    if lacking:
        return no("assignable", f"{f.subject.name} does not review {lacking[0].label}.")
    return None


@guard("review_by_reviewers")
def finding_in_own_discipline(f: Facts) -> Refusal | None:
    if not isinstance(f.given, FindingGiven | ReviewConclusion | ReviewOf):
        return None
    if f.given.discipline in f.my_disciplines:
        return None
    return no(
        "review_by_reviewers", f"{f.given.discipline.label} is not one of your disciplines here.", "review"
    )


@guard("other_administrator")
def another_administrator_grants(f: Facts) -> Refusal | None:
    """A grant of a role needs the other administrator, and nobody grants to oneself."""
    if f.grant is None:
        return None
    if f.grant.granted_by is not None or f.grant.ended_by is not None:
        return no("other_administrator", "This role was dealt with already.")
    if f.actor.id in {f.grant.requested_by, f.grant.person_id}:
        return no(
            "other_administrator", "Another administrator must confirm this.", citation="two-person rule"
        )
    return None


@guard("role_for_agency")
def role_fits_the_person(f: Facts) -> Refusal | None:
    if not isinstance(f.given, RoleRequest):
        return None
    if f.subject is None or not f.subject.active:
        return no("role_for_agency", "There is no such person.")
    if f.subject.organization_id is not None or f.given.role in LAB_ROLES or f.given.role is Role.SYS:
        return no("role_for_agency", "Roles of the agency are for people of the agency.")
    if f.given.person_id == f.actor.id:
        return no("role_for_agency", "Nobody asks for a role of one's own.", citation="two-person rule")
    held = {g.role for g in f.subject_grants if g.held}
    if Role.SYS_ADMIN in held and f.given.role is not Role.SYS_ADMIN:
        return no("role_for_agency", "A system administrator takes no part in cases.")
    if f.given.role is Role.SYS_ADMIN and held - {Role.SYS_ADMIN}:
        return no("role_for_agency", "A system administrator takes no part in cases.")
    return None


@guard("invitable")
def invitation_is_whole(f: Facts) -> Refusal | None:
    if not isinstance(f.given, Invitation):
        return None
    if not f.given.user_id.strip() or "@" not in f.given.user_id:
        return no("invitable", "Give the person's mail address.")
    if not f.given.name.strip():
        return no("invitable", "Give the person's name.")
    if (f.given.organization_id is None) != (f.given.lab_role is None):
        return no("invitable", "A person of a lab has a lab and a role in it.")
    return None


@guard("lab_named")
def lab_has_a_name(f: Facts) -> Refusal | None:
    if not isinstance(f.given, NewOrganization) or f.given.name.strip():
        return None
    return no("lab_named", "Give the lab's name.")
