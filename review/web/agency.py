"""The agency's pages: the desk, the list of cases, and every page of a case."""

from importlib import import_module

from flask import Response

from review.rules.vocabulary import Role
from review.web import (
    agency_decision,
    agency_list,
    agency_now,
    agency_people,
    agency_proposal,
    agency_questions,
    agency_reading,
    agency_review,
    agency_screening,
)
from review.web.access import page
from review.web.agency_desk import agency_desk
from review.web.cases import blueprint
from review.web.here import Here
from review.web.places import home

__all__ = [
    "agency_decision",
    "agency_list",
    "agency_now",
    "agency_people",
    "agency_proposal",
    "agency_questions",
    "agency_reading",
    "agency_review",
    "agency_screening",
    "blueprint",
]


@page(blueprint, "/desk", get="signed_in", endpoint="desk")
def desk(here: Here) -> Response:
    """Everybody's first screen; who belongs to another room gets that room's desk."""
    room = _room(here)
    if room is not None:
        own = getattr(import_module(f"review.web.{room}"), "desk", None)
        answer: Response = own(here) if own is not None else here.redirect(home(here.person))
        return answer
    return agency_desk(here)


def _room(here: Here) -> str | None:
    if here.person.is_lab:
        return "lab"
    if Role.SYS_ADMIN in here.person.roles:
        return "administration"
    return "auditing" if Role.AUDITOR in here.person.roles else None
