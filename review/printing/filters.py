"""The words for dates, times, numbers, digests and plain text. Pure: a relative word needs the day it is relative to.

Dates read `Wed 25 Mar 2026`, times `14:32 EDT`, records `18 Mar 2026 20:58:07 UTC (16:58:07 EDT)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup, escape

from review.rules import conditions

Day = date | datetime | str
Number = int | str | Decimal

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SMALL_NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"
)  # fmt: skip
RECORD_NUMBER = re.compile(r"\b([A-Z]{1,5}(?:-[A-Z]{2})?-\d[\d-]*(?:/S\d+)?)")
SIZES = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def day(value: Day, year: bool = True, weekday: bool = True, zone: str | None = None) -> Markup:
    """A date as a `<time>`: `Wed 25 Mar 2026`. Leave the year out only in a list that stays within one year.

    A moment becomes the day that it has in `zone` (IANA name), as deadlines are ends of day at the agency.
    """
    words = day_words(value, year=year, weekday=weekday, zone=zone)
    return Markup('<time datetime="{}">{}</time>').format(_as_day(value, zone).isoformat(), words)


def day_words(value: Day, year: bool = True, weekday: bool = True, zone: str | None = None) -> str:
    """A date as plain words, for titles and sentences inside attributes."""
    that_day = _as_day(value, zone)
    parts = [DAYS[that_day.weekday()]] if weekday else []
    parts += [str(that_day.day), MONTHS[that_day.month - 1]]
    return " ".join([*parts, str(that_day.year)] if year else parts)


def short_day(value: Day, zone: str | None = None) -> Markup:
    """`25 Mar`, as a `<time>`: for columns of one year and chart rulers."""
    return day(value, year=False, weekday=False, zone=zone)


def day_range(first: Day, last: Day, zone: str | None = None) -> Markup:
    """`Wed 1 Apr to Thu 31 Dec 2026`; each end is a `<time>`. The year stands once when both share it."""
    same_year = _as_day(first, zone).year == _as_day(last, zone).year
    return Markup("{} to {}").format(day(first, year=not same_year, zone=zone), day(last, zone=zone))


def relative_day(value: Day, as_of: Day, zone: str | None = None) -> str:
    """`today`, `tomorrow`, `in 6 days`, `1 day late`. Stands beside the date, never alone.

    `as_of` is the day that the page speaks of; days are calendar days, ends of day in the agency's zone.
    """
    distance = (_as_day(value, zone) - _as_day(as_of, zone)).days
    if distance < 0:
        return f"{-distance} {'day' if distance == -1 else 'days'} late"
    return {0: "today", 1: "tomorrow"}.get(distance, f"in {distance} days")


def moment(value: datetime | str, zone: str, year: bool = True) -> Markup:
    """A date with a local time and its zone: `Wed 25 Mar 2026, 14:32 EDT`."""
    utc = _as_moment(value)
    local = utc.astimezone(ZoneInfo(zone))
    words = f"{day_words(local, year=year)}, {local:%H:%M} {local.tzname()}"
    return Markup('<time datetime="{}">{}</time>').format(_utc_text(utc), words)


def local_time(value: datetime | str, zone: str) -> Markup:
    """A local time with its zone: `14:32 EDT`."""
    utc = _as_moment(value)
    local = utc.astimezone(ZoneInfo(zone))
    return Markup('<time datetime="{}">{}</time>').format(_utc_text(utc), f"{local:%H:%M} {local.tzname()}")


def record_time(value: datetime | str, zone: str) -> Markup:
    """The time of a record or signature, UTC first: `18 Mar 2026 20:58:07 UTC (16:58:07 EDT)`.

    Source: 21 CFR 11.50(a)(2), date and time when the signature was executed.
    """
    utc = _as_moment(value)
    local = utc.astimezone(ZoneInfo(zone))
    local_day = "" if local.date() == utc.date() else f"{local.day} {MONTHS[local.month - 1]} "
    words = (
        f"{day_words(utc, weekday=False)} {utc:%H:%M:%S} UTC ({local_day}{local:%H:%M:%S} {local.tzname()})"
    )
    return Markup('<time datetime="{}">{}</time>').format(_utc_text(utc), words)


def number(value: Number, places: int | None = None) -> str:
    """A number with thousands marked: `1,286`, `0.355`. Takes decimal strings; `places` rounds half up."""
    exact = Decimal(value)
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{exact:,f}"


def percent(value: Number, places: int = 0) -> str:
    """A proportion between 0 and 1 as a percentage: `100%`."""
    return f"{number(Decimal(value) * 100, places)}%"


def interval(low: Number | None, high: Number | None, places: int = 3) -> str:
    """`0.292 to 0.423`, or the words for an interval that nobody gave."""
    if low is None or high is None:
        return "no interval"
    return f"{number(low, places)} to {number(high, places)}"


def measured(value: Number, low: Number | None, high: Number | None, places: int = 3) -> Markup:
    """A value with its interval: `0.355 (0.292 to 0.423)`. A bare number earns trust that it did not earn."""
    return Markup('<strong class="figure">{}</strong> <span class="figure">({})</span>').format(
        number(value, places), interval(low, high, places)
    )


def file_size(size_bytes: int) -> str:
    """A size in bytes as `41.2 MB` (powers of ten)."""
    for unit, name in SIZES:
        if size_bytes >= unit:
            return f"{number(Decimal(size_bytes) / unit, 1)} {name}"
    return f"{size_bytes} bytes"


def spelled(count: int) -> str:
    """A whole number as a word up to twelve: `four`, `no`; above that as digits."""
    return SMALL_NUMBERS[count] if 0 <= count < len(SMALL_NUMBERS) else number(count)


def counted(count: int, one: str, many: str | None = None, words: bool = True) -> str:
    """`four things`, `one thing`, `no things`; with `words=False` `4 things`."""
    noun = one if count == 1 else many or f"{one}s"
    return f"{spelled(count) if words else number(count)} {noun}"


def join_words(items: Sequence[str], last: str = "and") -> str:
    """`A, B and C`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def digest_groups(digest: str, groups_per_line: int = 8) -> list[str]:
    """A digest in groups of four, as lines: people compare groups, not 64 characters."""
    groups = re.findall(".{1,4}", digest.removeprefix("sha256:"))
    return [" ".join(groups[at : at + groups_per_line]) for at in range(0, len(groups), groups_per_line)]


def short_digest(digest: str) -> str:
    """First and last four characters, `7c05…b9e2`: to recognize, never to verify."""
    bare = digest.removeprefix("sha256:")
    return bare if len(bare) <= 9 else f"{bare[:4]}…{bare[-4:]}"


def paragraphs(text: str, prefix: str = "p") -> Markup:
    """Plain text as paragraphs with ids `<prefix>-1`, `<prefix>-2`, so that a citation can point at one.

    A blank line ends a paragraph, a single line break stays one. Nothing in the text is markup.
    """
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if block.strip()]
    return Markup("\n").join(
        Markup('<p id="{}-{}">{}</p>').format(prefix, place, _with_breaks(block))
        for place, block in enumerate(blocks, start=1)
    )


def whole_numbers(words: object) -> Markup:
    """Plain words in which docket, finding, evidence and condition numbers never break across lines."""
    if isinstance(words, Markup):
        return words
    parts = RECORD_NUMBER.split(str(words))
    if len(parts) == 1:
        return escape(words)
    return Markup("").join(
        Markup('<span class="docket">{}</span>').format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def _with_breaks(block: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in block.split("\n"))


def _as_day(value: Day, zone: str | None) -> date:
    known = value
    if isinstance(known, str):
        known = date.fromisoformat(known) if len(known) == 10 else datetime.fromisoformat(known)
    if isinstance(known, datetime):
        return (known.astimezone(ZoneInfo(zone)) if zone and known.tzinfo else known).date()
    return known


def _as_moment(value: datetime | str) -> datetime:
    """A moment with a zone, in UTC. A moment without one is refused: we would have to guess."""
    known = datetime.fromisoformat(value) if isinstance(value, str) else value
    if known.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return known.astimezone(UTC)


def _utc_text(utc: datetime) -> str:
    return f"{utc:%Y-%m-%dT%H:%M:%S}Z"


def condition_sentence(condition: Mapping[str, Any]) -> str:
    """A condition of a signed content as its sentence."""
    return conditions.sentence(msgspec.convert(condition, conditions.Condition))
