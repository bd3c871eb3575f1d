"""The map: permission -> what must be true of the person. Separation of duties lives here and nowhere else.

A permission is granted when one of its alternatives holds; an alternative holds when all its predicates do.
"""

from collections.abc import Callable

from review.rules.facts import Facts
from review.rules.refusals import Refusal
from review.rules.vocabulary import CASE_ROLES, Role, State

Predicate = Callable[[Facts], bool]


def holds(role: Role) -> Predicate:
    """The actor holds this role here and still in the agency, and has held no other one here (G-SOD-1)."""

    def predicate(f: Facts) -> bool:
        return role in f.my_roles & f.actor.roles and f.roles_ever(f.actor.id) <= {role}

    return predicate


def house(role: Role) -> Predicate:
    """The actor holds this role in the agency."""
    return lambda f: role in f.actor.roles


def attested(f: Facts) -> bool:
    """The actor has declared conflicts for this case and has none (G-COI)."""
    return f.attested


def is_system(f: Facts) -> bool:
    return f.actor.is_system


def of_the_lab(f: Facts) -> bool:
    """The actor belongs to the lab whose case this is."""
    return f.case is not None and f.actor.is_lab and f.case.organization_id == f.actor.organization_id


def regulatory_lead(f: Facts) -> bool:
    return f.actor.lab_role is Role.LAB_RA


def lab_member(f: Facts) -> bool:
    return f.actor.is_lab


def on_the_team(f: Facts) -> bool:
    return bool(f.my_roles & set(CASE_ROLES))


def never_administrator(f: Facts) -> bool:
    """A docket manager is an agency person and never a system administrator."""
    return Role.SYS_ADMIN not in f.actor.roles and not f.actor.is_lab


def signed_in(f: Facts) -> bool:
    return bool(f.actor.id)


PERMISSIONS: dict[str, tuple[tuple[Predicate, ...], ...]] = {
    "agency:invite": ((house(Role.SYS_ADMIN),),),
    "agency:request_role": ((house(Role.SYS_ADMIN),),),
    "agency:grant_role": ((house(Role.SYS_ADMIN),),),
    "agency:verify_lab": ((house(Role.DOCKET_MANAGER), never_administrator),),
    "agency:register_lab": ((house(Role.SYS_ADMIN),), (house(Role.DOCKET_MANAGER),)),
    "case:open": ((lab_member, regulatory_lead),),
    "case:file": ((of_the_lab, regulatory_lead),),
    "case:draft": ((of_the_lab,),),
    "case:assign": ((house(Role.DOCKET_MANAGER), never_administrator), (holds(Role.LEAD), attested)),
    "case:declare": ((on_the_team,),),
    "case:screen": ((holds(Role.INTAKE), attested),),
    "case:lead": ((holds(Role.LEAD), attested),),
    "case:review": ((holds(Role.REVIEWER), attested),),
    "case:ask": ((holds(Role.REVIEWER), attested), (holds(Role.LEAD), attested)),
    "case:concur_request": ((holds(Role.LEAD), attested), (holds(Role.SIGNATORY), attested)),
    "case:write_proposal": ((holds(Role.LEAD), attested), (holds(Role.SIGNATORY), attested)),
    "case:decide": ((holds(Role.SIGNATORY), attested),),
    "case:counsel": ((holds(Role.COUNSEL), attested),),
    "case:ratify": ((holds(Role.RATIFIER), attested),),
    "case:documents": ((is_system,),),
    "case:download": ((of_the_lab,), (on_the_team, attested), (house(Role.AUDITOR),)),
    "system:act": ((is_system,),),
}
"""Permission -> alternatives -> predicates that must all hold."""

WHO: dict[str, str] = {
    "agency:invite": "a system administrator",
    "agency:request_role": "a system administrator",
    "agency:grant_role": "a system administrator",
    "agency:verify_lab": "a docket manager",
    "agency:register_lab": "an administrator or a docket manager",
    "case:open": "a regulatory lead of a lab",
    "case:file": "the regulatory lead of the lab that files",
    "case:draft": "a member of the lab that files",
    "case:assign": "a docket manager or the review lead",
    "case:declare": "a member of the case team",
    "case:screen": "the intake officer of this case",
    "case:lead": "the review lead of this case",
    "case:review": "a reviewer of this case",
    "case:ask": "a reviewer or the review lead of this case",
    "case:concur_request": "the review lead or the deciding official",
    "case:write_proposal": "the review lead or the deciding official",
    "case:decide": "the deciding official of this case",
    "case:counsel": "the counsel of this case",
    "case:ratify": "the ratifier of this case",
    "case:documents": "the system",
    "case:download": "the lab, the case team or an auditor",
    "system:act": "the system, when it is due",
}


def permits(permission: str, f: Facts) -> bool:
    """Whether the map grants this permission to the actor of these facts."""
    return any(all(predicate(f) for predicate in alternative) for alternative in PERMISSIONS[permission])


def refusal(permission: str, f: Facts) -> Refusal | None:
    """Why the permission is not granted, in words; None when it is."""
    if permits(permission, f):
        return None
    here = f.roles_ever(f.actor.id)
    if len(here) > 1:
        roles = " and ".join(sorted(role.label.lower() for role in here))
        return Refusal(
            code="G-SOD-1",
            sentence=f"You have been {roles} on this case. One person may hold one of these only.",
            citation="separation of duties",
        )
    if f.my_roles and not f.attested and f.my_attestation is None:
        return Refusal(
            code="G-COI",
            sentence="You have not declared conflicts of interest for this case.",
            citation="conflicts of interest",
            place="declare",
        )
    if f.my_roles and not f.attested:
        return Refusal(
            code="G-COI",
            sentence="Your declaration for this case names an interest or has expired.",
            citation="conflicts of interest",
            place="declare",
        )
    return Refusal(code=permission, sentence=f"Only {WHO[permission]} may do this.")


def may_know(f: Facts) -> bool:
    """Who may learn that a case exists: exactly those in whose lists it stands (`worklists.visible`)."""
    if f.actor.is_system or f.actor.is_lab:
        return f.actor.is_system or of_the_lab(f)
    if f.actor.roles & {Role.AUDITOR, Role.DOCKET_MANAGER}:
        return f.state is not State.DRAFT
    return bool(f.my_roles)


def may_see_content(f: Facts) -> bool:
    """Who may read a case: its lab, its team once declared, auditors. Nobody else learns that it exists."""
    return permits("case:download", f)


def conflicting_roles(held: frozenset[Role], wanted: Role) -> frozenset[Role]:
    """Roles on a case that exclude the wanted one for the same person (G-SOD-1)."""
    return frozenset(role for role in held if role is not wanted and role in CASE_ROLES)
