"""The versioned policy: every number that the rules use, with where it comes from.

A policy is a TOML file beside this module. It never changes once it is published: a new number is a new version.
A filing is judged under the version in force on the day it was received.
"""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from review.rules.vocabulary import Discipline

CURRENT = "2026-1"
"""The version that new filings are judged under."""


class TrackPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How fast one track goes: goal in review days, acceptance in business days, milestones by review day.

    `acceptance_business_days` is 0 where the track has no acceptance review.
    `required_disciplines` are owed by every filing; `adds_changed_domains` adds those whose domain changed.
    """

    goal_days: int
    acceptance_business_days: int
    extension_days: int = 0
    missed_goal: str = "ESCALATE_ONLY"
    required_disciplines: tuple[Discipline, ...] = ()
    adds_changed_domains: bool = False
    milestones: dict[str, int]


class Agency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the agency's days begin and end, and whose holidays it keeps."""

    timezone: str
    holiday_calendar: str
    legal_basis: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Acceptance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The acceptance review: completeness only, never merit."""

    silence_days: int
    warning_days_before: int
    protest_days: int


class InformationRequests(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Questions that stop the clock."""

    answer_days: int
    warning_days: tuple[int, ...]
    last_warning_lead_days: int
    holds_per_cycle: int
    completeness_dispute_business_days: int
    escalation_business_days: int


class Notice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The notice of intended decision and the lab's window to respond."""

    window_days: int
    extension_days: int


class Review(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a review owes before it may be recommended."""

    consult_days: int
    returns_to_review: int
    less_restrictive_options: int
    amendment_last_part: str
    pause_days: int
    pauses_per_cycle: int
    missed_goal_escalation_days: int


class Panel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    members: int
    briefing_business_days: int


class Conflicts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a declaration of interests holds."""

    attestation_days: int
    attestation_days_at_decision: int
    standing_declaration_days: int
    look_back_years: int


class EvidencePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How numbers are checked. Numbers with a fraction are exact decimals."""

    interval_level: Decimal
    interval_mismatch: Decimal
    transcripts_per_evaluation: int
    decisive_grades: tuple[str, ...]
    precautionary_sunset_days: int
    tier_claim_needs_elicited_evidence: int


class Conditions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sunset_max_months: int
    sunset_warning_days: tuple[int, ...]
    attestation_period_days: int


class DisruptionClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Grace that active users are owed. `users_up_to` 0 means no users, absent means no upper limit."""

    code: str
    users_up_to: int | None = None
    critical_service: bool = False
    grace_days: int


class Fairness(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    collateral_limit: Decimal
    precedent_months: int
    restoration_answer_days: int
    restoration_lapse_days: int
    disruption: tuple[DisruptionClass, ...]


class Publication(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    public_denial_business_days: int
    stay_days: int
    cell_minimum: int


class Afterwards(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reconsideration, appeal and remand."""

    reconsideration_days: int
    appeal_days: int
    appeal_answer_days: int
    appeal_answer_days_after_meeting: int


class Files(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Caps on what a lab may upload, in bytes and counts."""

    file_bytes: int
    case_bytes: int
    case_files: int
    unpacked_bytes: int
    unpacked_files: int


class Sessions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    idle_minutes: int
    idle_minutes_official: int
    absolute_minutes: int
    step_up_minutes: int


class Warnings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    goal_days_left: tuple[int, ...]


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of the agency's numbers. `sources` names where each value comes from, by its dotted name."""

    version: str
    in_force_from: date
    author: str
    reason: str
    agency: Agency
    tracks: dict[str, TrackPolicy]
    acceptance: Acceptance
    information_requests: InformationRequests
    notice: Notice
    review: Review
    panel: Panel
    conflicts: Conflicts
    evidence: EvidencePolicy
    conditions: Conditions
    fairness: Fairness
    publication: Publication
    afterwards: Afterwards
    files: Files
    sessions: Sessions
    warnings: Warnings
    sources: dict[str, str]

    def track(self, name: str) -> TrackPolicy:
        """The numbers of one track, or of a cycle that is no track of its own (resubmission, remand)."""
        found = self.tracks.get(name)
        if found is None:
            raise KeyError(f"Policy {self.version} knows no track {name}.")
        return found

    def lookup(self, name: str) -> Any:
        """The value behind a dotted name such as `notice.window_days` or `tracks.FULL.goal_days`."""
        found: Any = self
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else getattr(found, part, None)
            if found is None:
                raise KeyError(f"Policy {self.version} has no value {name}.")
        return found

    def value(self, name: str) -> str:
        """The value as it is printed where it bites: `policy 2026-1, notice.window_days = 10`."""
        return f"policy {self.version}, {name} = {_printed(self.lookup(name))}"

    def source(self, name: str) -> str:
        """Where a value comes from: its own entry, else that of the nearest part above it."""
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            found = self.sources.get(".".join(parts[:length]))
            if found is not None:
                return found
        raise KeyError(f"Policy {self.version} names no source for {name}.")

    def values(self) -> tuple[tuple[str, str, str], ...]:
        """Every value as (dotted name, printed value, source), in the order of the file."""
        names = _leaves(msgspec.to_builtins(self), "")
        return tuple((name, _printed(self.lookup(name)), self.source(name)) for name in names)

    def grace_days(self, users: int, *, critical_service: bool = False) -> DisruptionClass:
        """The disruption class of an adverse act on so many active users (domain rule on transition)."""
        for one in self.fairness.disruption:
            if one.users_up_to is None or (users <= one.users_up_to and not critical_service):
                return one
        raise ValueError(f"Policy {self.version} has no disruption class without an upper limit.")


def read(text: str) -> Policy:
    """A policy from its TOML text. Raises msgspec.ValidationError naming the value that does not fit."""
    return msgspec.convert(tomllib.loads(text, parse_float=Decimal), Policy, strict=True)


@cache
def load(version: str) -> Policy:
    """The published policy of that version. Raises KeyError if there is none."""
    if version not in versions():
        raise KeyError(f"There is no policy {version}.")
    return read((files("review.rules") / "policies" / f"{version}.toml").read_text(encoding="utf-8"))


@cache
def versions() -> tuple[str, ...]:
    """The published versions, oldest first."""
    names = (entry.name for entry in (files("review.rules") / "policies").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def current() -> Policy:
    """The version that new filings are judged under."""
    return load(CURRENT)


def in_force(received: date) -> Policy:
    """The version in force on the day a filing was received; the first one for days before any."""
    policies = sorted((load(version) for version in versions()), key=lambda policy: policy.in_force_from)
    return next((one for one in reversed(policies) if one.in_force_from <= received), policies[0])


def _printed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, msgspec.Struct):
        filled = {key: getattr(value, key) for key in value.__struct_fields__}
        return ", ".join(f"{key} {_printed(item)}" for key, item in filled.items() if item is not None)
    if isinstance(value, tuple) and not value:
        return "none"
    if isinstance(value, tuple):
        joint = "; " if value and isinstance(value[0], msgspec.Struct) else ", "
        return joint.join(_printed(item) for item in value)
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def _leaves(value: Any, name: str) -> list[str]:
    if not isinstance(value, dict):
        return [name]
    head = {"version", "in_force_from", "author", "reason", "sources"}
    inner = ((key, item) for key, item in value.items() if name or key not in head)
    return [leaf for key, item in inner for leaf in _leaves(item, f"{name}.{key}" if name else key)]
