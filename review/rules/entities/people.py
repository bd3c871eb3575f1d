"""People of the house: labs, persons, roles."""

from typing import ClassVar

from review.rules.entities.shape import Entity
from review.rules.vocabulary import Discipline, Role


class Organization(Entity, frozen=True, kw_only=True):
    """A lab: the applicant's legal entity."""

    kind: ClassVar[str] = "organization"
    name: str
    verified_by: str | None = None


class Person(Entity, frozen=True, kw_only=True):
    """Somebody who can act. User ids are never given to another person (21 CFR 11.100(a))."""

    kind: ClassVar[str] = "person"
    user_id: str
    name: str
    title: str = ""
    organization_id: str | None = None
    lab_role: Role | None = None
    active: bool = True


class RoleGrant(Entity, frozen=True, kw_only=True):
    """A role in the agency; it is held once another administrator has granted it."""

    kind: ClassVar[str] = "role_grant"
    person_id: str
    role: Role
    disciplines: tuple[Discipline, ...] = ()
    requested_by: str
    granted_by: str | None = None
    ended_by: str | None = None

    @property
    def held(self) -> bool:
        return self.granted_by is not None and self.ended_by is None
