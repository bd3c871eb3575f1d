"""Taking facts out of decoded JSON whose shape nobody guarantees: a wrong type counts as absent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MAX_TEXT = 4_000  # characters of one condition
MAX_CONDITION = 120_000  # characters of all conditions of a run together
MAX_ITEMS = 2_000


def text(value: Any) -> str | None:
    """A string that says something, cut at a length that a page can bear; numbers as their text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str) and value.strip():
        return value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + "…"
    return None


def number(value: Any) -> float | None:
    """A JSON number as a float, or NaN and the infinities by name; booleans are not numbers."""
    if value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value)


def count(value: Any) -> int | None:
    """A whole number of things, zero or more."""
    amount = number(value)
    if amount is None or not 0 <= amount < 2**53 or amount != int(amount):
        return None
    return int(amount)


def table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def moment(value: Any) -> str | None:
    """A time as the file writes it, if it is ISO 8601 with a zone."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        return value if datetime.fromisoformat(value).tzinfo is not None else None
    except ValueError:
        return None


def epoch_moment(value: Any) -> str | None:
    """A time given in seconds since 1970, as ISO 8601 in UTC."""
    seconds = number(value)
    if seconds is None or not 0 < seconds < 253_402_300_800:  # year 10000
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def pointer(*steps: str | int) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def conditions(stated: Mapping[str, Any]) -> dict[str, Any]:
    """The conditions with long texts cut and the whole bounded; what is left out says so."""
    kept: dict[str, Any] = {}
    room = MAX_CONDITION
    for name, value in stated.items():
        short, taken = _bounded(value, 0)
        room -= taken
        kept[name] = short if room > 0 else "(left out: too long)"
    return kept


def _bounded(value: Any, depth: int) -> tuple[Any, int]:
    if isinstance(value, str):
        short = value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + "…"
        return short, len(short)
    if isinstance(value, list):
        parts = [_bounded(item, depth + 1) for item in value[:MAX_ITEMS]]
        return [part for part, _ in parts], sum(taken for _, taken in parts)
    if isinstance(value, dict):
        pairs = {name[:200]: _bounded(item, depth + 1) for name, item in list(value.items())[:MAX_ITEMS]}
        return {name: part for name, (part, _) in pairs.items()}, sum(
            len(name) + taken for name, (_, taken) in pairs.items()
        )
    return value, 8
