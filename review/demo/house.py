"""Founds a house and gives it people: the same acts that an installation uses."""

import hashlib
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher

from review.acts.office import Office
from review.acts.people import make_link, set_password
from review.acts.perform import perform
from review.audit import checkpoint as notes
from review.records import schema
from review.rules.facts import SYSTEM
from review.rules.given import Founders, Invitation, NewOrganization, RoleRequest, Target
from review.rules.vocabulary import Act, Discipline, Role
from review.settings import DEMONSTRATION_PASSWORD, PERSONAS, Settings

D = Discipline
AGENCY: dict[str, tuple[Role, tuple[Discipline, ...]]] = {
    "amara.diallo@agency.example": (Role.DOCKET_MANAGER, ()),
    "peter.lindgren@agency.example": (Role.INTAKE, ()),
    "ines.okafor@agency.example": (Role.REVIEWER, (D.CYBER, D.SAFEGUARDS_SECURITY)),
    "lena.haas@agency.example": (
        Role.REVIEWER,
        (D.CBRN, D.AUTONOMY, D.SOCIETAL_MANIPULATION, D.DEPLOYMENT_ACCESS),
    ),
    "daniel.reyes@agency.example": (Role.LEAD, ()),
    "ruth.adeyemi@agency.example": (Role.SIGNATORY, ()),
    "tomas.vega@agency.example": (Role.COUNSEL, ()),
    "grace.mbeki@agency.example": (Role.RATIFIER, ()),
    "helen.whitlock@agency.example": (Role.AUDITOR, ()),
}
LABS: dict[str, tuple[tuple[str, Role], ...]] = {
    "Ostrava AI": (
        ("milan.horak@ostrava.example", Role.LAB_RA),
        ("priya.raman@ostrava.example", Role.LAB_ENG),
    ),
    "Calder": (("jonas.brandt@calder.example", Role.LAB_RA),),
    "Northlight": (("sara.lindqvist@northlight.example", Role.LAB_RA),),
}
ADMINISTRATORS = ("kofi.mensah@agency.example", "anna.kowalska@agency.example")
NAMES = {persona.user_id: persona.name for persona in PERSONAS}
TITLES = {persona.user_id: persona.title for persona in PERSONAS}


class ScriptedClock:
    """A clock that stands until it is moved, in UTC; each reading is a second later, so that order shows."""

    def __init__(self, start: datetime) -> None:
        self.at = start

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def to(self, moment: datetime) -> None:
        """Move forward; never back."""
        self.at = max(self.at, moment.astimezone(UTC))


class Chance:
    """Repeatable ids and salts, so that the same script makes the same docket."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(hashlib.sha256(seed.encode()).digest())

    def ids(self) -> str:
        return self._random.randbytes(16).hex()

    def salts(self, count: int) -> bytes:
        return self._random.randbytes(count)


def found(
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    chance: Chance | None = None,
    hasher: PasswordHasher | None = None,
    passwords: bool = True,
) -> tuple[Office, dict[str, str]]:
    """A house with all personas; returns the office and the person ids by user id."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.ledger_key.exists():
        notes.create_key(settings.ledger_key)
    lots = {"ids": chance.ids, "salts": chance.salts} if chance else {}
    office = Office(settings, clock=clock, hasher=hasher, **lots)  # type: ignore[arg-type]
    schema.upgrade(office.database)
    founders = Founders(people=tuple((NAMES[user], user) for user in ADMINISTRATORS))
    ids = perform(office, SYSTEM.id, Act.FOUND_HOUSE, None, founders).result.split()
    people = dict(zip(ADMINISTRATORS, ids, strict=True))
    first, second = ids
    for user, (role, disciplines) in AGENCY.items():
        people[user] = _invite(office, first, user)
        request = RoleRequest(person_id=people[user], role=role, disciplines=disciplines)
        grant = perform(office, first, Act.REQUEST_ROLE, None, request).result
        perform(office, second, Act.GRANT_ROLE, None, Target(target=grant))
    for lab, members in LABS.items():
        lab_id = perform(office, first, Act.REGISTER_ORGANIZATION, None, NewOrganization(name=lab)).result
        perform(
            office,
            people["amara.diallo@agency.example"],
            Act.VERIFY_ORGANIZATION,
            None,
            Target(target=lab_id),
        )
        for user, role in members:
            people[user] = _invite(office, first, user, lab_id, role)
    if passwords:
        for person_id in people.values():
            set_password(office, make_link(office, person_id).rsplit("/", 1)[1], DEMONSTRATION_PASSWORD)
    return office, people


def _invite(office: Office, by: str, user: str, lab_id: str | None = None, role: Role | None = None) -> str:
    given = Invitation(
        user_id=user, name=NAMES[user], title=TITLES[user], organization_id=lab_id, lab_role=role
    )
    return perform(office, by, Act.INVITE, None, given).result
