"""Two small values that decisions keep: a condition, and how one channel can meet it."""

from typing import Any

import msgspec

from review.rules.condition_types import ConditionType
from review.rules.vocabulary import Word


class Feasibility(Word):
    FEASIBLE = "FEASIBLE"
    PARTIAL = "PARTIAL"
    INFEASIBLE = "INFEASIBLE"


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """A condition of a restriction: its kind and its parameters in canonical form (no floats)."""

    type: ConditionType
    params: dict[str, Any] = {}


class FeasibilityRow(msgspec.Struct, frozen=True, kw_only=True):
    """How the lab can meet a condition on one channel.

    `coverage` is the share of the channel's users that the method reaches, a decimal string from 0 to 1;
    `ready_in_days` is the lead time in calendar days, None where none is known.
    """

    channel: str
    method: str = ""
    coverage: str = ""
    ready_in_days: int | None = None
    result: Feasibility
    note: str = ""
