"""One condition in the form of a notice or decision: its kind's parameters, what it answers, where it is feasible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from forms.posted import Posted, text, word
from review.rules import conditions
from review.rules.condition_types import CHANNELS
from review.rules.conditions import Condition, ConditionType, Feasibility, FeasibilityRow, ParameterKind
from review.rules.entities import ConditionRecord

CHECKS_PEOPLE = frozenset(
    {
        ConditionType.ELIGIBILITY_ATTRIBUTE,
        ConditionType.GEOGRAPHY,
        ConditionType.KYC_LEVEL,
        ConditionType.ORG_ALLOWLIST,
    }
)
"""Kinds that need a check of who somebody is: the filing's table says how, and where there is none."""


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    channel: str
    method: str = ""
    coverage: str = ""
    ready_in_days: str = ""
    result: Feasibility = Feasibility.FEASIBLE
    note: str = ""

    @property
    def label(self) -> str:
        words = dict(CHANNELS).get(self.channel, self.channel.replace("_", " ").lower())
        return words[:1].upper() + words[1:]

    @property
    def record(self) -> FeasibilityRow:
        return FeasibilityRow(
            channel=self.channel,
            method=self.method,
            coverage=_share(self.coverage),
            ready_in_days=int(self.ready_in_days) if _whole(self.ready_in_days) else None,
            result=self.result,
            note=self.note,
        )


class ConditionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A condition as typed. `params` keeps what was given, wrong values too, so that nothing is lost."""

    number: int
    id: str
    type: ConditionType
    params: dict[str, Any] = {}
    findings: tuple[str, ...] = ()
    verification: str = ""
    feasibility: tuple[ChannelRow, ...] = ()
    restoration: str = ""
    note: str = ""

    @property
    def condition(self) -> Condition:
        return Condition(type=self.type, params=self.params)

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong with each parameter, by its key."""
        return {one.key: one.sentence for one in conditions.validate(self.type, self.params)}

    @property
    def record(self) -> ConditionRecord:
        return ConditionRecord(
            id=self.id,
            condition=self.condition,
            findings=self.findings,
            verification=self.verification,
            feasibility=tuple(row.record for row in self.feasibility),
            restoration=self.restoration,
            note=self.note,
        )


def stored_condition(number: int, record: ConditionRecord) -> ConditionRow:
    return ConditionRow(
        number=number,
        id=record.id,
        type=record.condition.type,
        params=dict(record.condition.params),
        findings=record.findings,
        verification=record.verification,
        feasibility=tuple(
            ChannelRow(
                channel=row.channel,
                method=row.method,
                coverage=row.coverage,
                ready_in_days="" if row.ready_in_days is None else str(row.ready_in_days),
                result=row.result,
                note=row.note,
            )
            for row in record.feasibility
        ),
        restoration=record.restoration,
        note=record.note,
    )


def posted_condition(form: Posted, number: int) -> ConditionRow:
    """One condition as filled. A change of its kind keeps the parameters that the new kind knows."""
    at = f"c-{number}"
    kind = word(form, f"{at}-type", ConditionType) or ConditionType.ACCESS_TIER_MAX
    raw: dict[str, Any] = {}
    for parameter in conditions.parameters_of(kind):
        name = f"{at}-p-{parameter.key}"
        many = parameter.kind is ParameterKind.CHOICES
        raw[parameter.key] = [one for one in form.getlist(name) if one] if many else text(form, name)
    params, _ = conditions.clean(kind, raw)
    return ConditionRow(
        number=number,
        id=text(form, f"{at}-id")[:12] or f"C-{number:02d}",
        type=kind,
        params=params,
        findings=tuple(dict.fromkeys(form.getlist(f"{at}-findings"))),
        verification=text(form, f"{at}-verification"),
        feasibility=tuple(
            ChannelRow(
                channel=channel,
                method=text(form, f"{at}-{channel}-method"),
                coverage=text(form, f"{at}-{channel}-coverage"),
                ready_in_days=text(form, f"{at}-{channel}-days"),
                result=word(form, f"{at}-{channel}-result", Feasibility) or Feasibility.FEASIBLE,
                note=text(form, f"{at}-{channel}-note"),
            )
            for channel in dict.fromkeys(form.getlist(f"{at}-channel"))
        ),
        restoration=text(form, f"{at}-restoration"),
        note=text(form, f"{at}-note"),
    )


def channel_rows(kind: ConditionType, table: Sequence[Mapping[str, Any]]) -> tuple[ChannelRow, ...]:
    """One row for each channel that the lab filed, prefilled from its own feasibility table."""
    by_channel: dict[str, Mapping[str, Any]] = {}
    for row in table:
        channel = str(row.get("channel") or "")
        if channel and (channel not in by_channel or by_channel[channel].get("assurance") in (None, "NONE")):
            by_channel[channel] = row
    return tuple(_prefilled(kind, channel, row) for channel, row in by_channel.items())


def _prefilled(kind: ConditionType, channel: str, row: Mapping[str, Any]) -> ChannelRow:
    if kind not in CHECKS_PEOPLE:
        return ChannelRow(channel=channel)
    checked = row.get("assurance") not in (None, "NONE")
    coverage = _decimal(row.get("coverage"))
    return ChannelRow(
        channel=channel,
        method=str(row.get("method") or "") if checked else "No method on this channel",
        coverage=format((coverage / 100).normalize(), "f") if checked and coverage is not None else "",
        ready_in_days=str(row.get("lead_time") or "") if _whole(row.get("lead_time")) else "",
        result=Feasibility.FEASIBLE if checked else Feasibility.INFEASIBLE,
    )


def _whole(value: Any) -> bool:
    said = str(value or "")
    return said.isascii() and said.isdigit() and len(said) < 6


def _decimal(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= 100 else None


def _share(said: str) -> str:
    """A share as a decimal string from 0 to 1; a percentage is understood; nothing where it is no number."""
    bare = said.replace("%", "").strip()
    found = _decimal(bare)
    if found is None:
        return ""
    share = found / 100 if "%" in said or found > 1 else found
    return format(share.normalize(), "f")
