"""Where a person can go from anywhere, and where a refusal says that its cure lies."""

from collections.abc import Mapping
from typing import Any

from review.rules.facts import Actor
from review.rules.refusals import Refusal
from review.rules.vocabulary import Role
from review.settings import Settings

Place = tuple[str, str]

ADDRESSES = frozenset(
    {"now", "filing", "evidence", "review", "questions", "decision", "record", "team", "screening"}
)

REGISTER: Place = ("Register", "/register")
GUIDANCE: Place = ("Guidance", "/guidance")
DESK: Place = ("Desk", "/desk")
CASES: Place = ("Cases", "/cases")

PUBLIC = (REGISTER, GUIDANCE)
LAB = (DESK, ("Filings", "/filings"), ("Evidence", "/evidence"), GUIDANCE)
AGENCY = (DESK, CASES, REGISTER, GUIDANCE)
DOCKET_MANAGER = (DESK, CASES, ("Labs", "/labs"), REGISTER, GUIDANCE)
AUDITOR = (("Desk", "/audit"), CASES, ("Ledger", "/ledger"), REGISTER)
ADMINISTRATOR = (("People", "/people"), REGISTER, GUIDANCE)


def of(person: Actor) -> tuple[Place, ...]:
    """The places of a person's header, first screen first (one set for each kind of person)."""
    if not person.id:
        return PUBLIC
    if person.is_lab:
        return LAB
    if Role.SYS_ADMIN in person.roles:
        return ADMINISTRATOR
    if Role.AUDITOR in person.roles:
        return AUDITOR
    return DOCKET_MANAGER if Role.DOCKET_MANAGER in person.roles else AGENCY


def home(person: Actor) -> str:
    """The first screen of a person."""
    return of(person)[0][1] if person.id else "/"


def links(person: Actor, path: str) -> list[dict[str, object]]:
    """The header's places, the one that holds this page marked; an empty path marks none."""
    return [
        {"label": label, "href": href, "current": path == href or path.startswith(f"{href}/")}
        for label, href in of(person)
    ]


def address(case: str, place: str) -> str:
    """The page of a place as rules name it: `review/CYBER`, `decision/C-02`, `screening`."""
    tab, _, part = place.partition("/")
    if tab in {"review", "decision"} and part:
        return f"/cases/{case}/{tab}/{part}"
    return f"/cases/{case}/{tab if tab in ADDRESSES or tab == 'declare' else 'now'}"


def place_words(place: str) -> str:
    """The words of a link to a place."""
    tab, _, part = place.partition("/")
    if part:
        return f"Go to {part}" if part.startswith(("C-", "F-", "IR-")) else f"Go to the {part.lower()}"
    return {"declare": "Declare", "team": "Go to the team", "screening": "Go to the checklist"}.get(
        tab, f"Go to {tab}"
    )


def way_out(refusal: Refusal, case_id: str | None) -> Mapping[str, str] | None:
    """A link to the place that cures a refusal."""
    if case_id is None:
        return None
    if refusal.place in {"", "now"}:
        return {"label": "See the case now", "href": address(case_id, "now")}
    return {"label": place_words(refusal.place), "href": address(case_id, refusal.place)}


def role_line(person: Actor) -> str:
    """What stands under a person's name."""
    if person.is_lab:
        role = person.lab_role.label.lower() if person.lab_role else "member"
        return f"{person.organization_name}, {role}"
    if Role.AUDITOR in person.roles:
        return "Auditor, read only"
    return ", ".join(sorted(role.label for role in person.roles)) or "No role yet"


def site(settings: Settings, person: Actor, policy_version: str) -> dict[str, Any]:
    """What the frame of every page says of this installation."""
    searches_cases = bool(person.id) and Role.SYS_ADMIN not in person.roles
    return {
        "name": settings.site_name,
        "agency": f"for {person.organization_name}" if person.is_lab else settings.agency_name,
        "demonstration": settings.demonstration,
        "policy": policy_version,
        "zone_words": "All times are Eastern.",
        "home_address": home(person),
        "search_address": ("/filings" if person.is_lab else "/cases") if searches_cases else "/register",
        "search_hint": "Docket, lab, model",
    }
