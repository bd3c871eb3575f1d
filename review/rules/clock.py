"""The review clock: days that count, days held, the goal date and the milestones.

Everything is computed from dated clock events, in the order in which they were recorded. Nothing here knows the
current time: the caller says what day it is in the agency's zone. Days are calendar days; only the lab's turn
stops the clock. A hold covers the days from its stop up to, not including, its resume: same-day is no hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import msgspec

from review.rules.days import (
    Calendar,
    add_business_days,
    business_days_between,
    calendar_of,
    countdown,
    counted,
    end_of_day,
    listed,
    local_date,
    passed,
    spelled,
)
from review.rules.policy import TrackPolicy
from review.rules.vocabulary import Word

__all__ = [
    "MILESTONES",
    "Calendar",
    "ClockEvent",
    "ClockKind",
    "ClockReading",
    "Milestone",
    "NotStarted",
    "Segment",
    "SegmentKind",
    "add_business_days",
    "business_days_between",
    "calendar_of",
    "countdown",
    "counted",
    "date_of_review_day",
    "end_of_day",
    "explain",
    "has_started",
    "listed",
    "local_date",
    "milestones",
    "passed",
    "reading",
    "spelled",
]

MILESTONES: dict[str, str] = {
    "kick_off": "Kick-off",
    "consult_questions": "Consults asked",
    "first_questions": "Questions out",
    "mid_cycle": "Mid-cycle",
    "reviews_signed": "Reviews signed",
    "memo": "Memo",
    "notice": "Notice, if any",
    "decision": "Decision",
}
"""Milestone keys of a track's policy, with the words a reader sees."""


class ClockKind(Word):
    START = "START"
    STOP = "STOP"
    RESUME = "RESUME"
    EXTEND = "EXTEND"
    END = "END"


class SegmentKind(Word):
    """How a stretch of days counts: `late` days are review days after the goal was used up."""

    RUN = "RUN"
    HELD = "HELD"
    LATE = "LATE"


class NotStarted(ValueError):
    """The events hold no START on or before the day asked for: the clock has no reading yet."""


class ClockEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One fact about the clock.

    `on` is the agency's date at which it takes effect (a disputed response stops again on the *original* date);
    `at` is the UTC instant of recording. `reason` is what a sentence names, such as "IR-01" or "The notice".
    `days` is used by EXTEND alone. `hold` tells overlapping holds apart: a RESUME ends the hold it names,
    or every open one if it names none.
    """

    kind: ClockKind
    on: date
    at: datetime | None = None
    reason: str = ""
    days: int = 0
    hold: str = ""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of days from `start` up to, not including, `end`; `reason` says what held it."""

    kind: SegmentKind
    start: date
    end: date
    reason: str = ""

    @property
    def days(self) -> int:
        return (self.end - self.start).days


class ClockReading(msgspec.Struct, frozen=True, kw_only=True):
    """What the clock says on one day. `review_days` + `held_days` = `total_days`, always.

    While a hold is open the goal date moves by one day a day: it is the goal if the hold ended today.
    """

    received: date
    today: date
    review_days: int
    held_days: int
    total_days: int
    allowed_days: int
    extension_days: int
    goal_date: date
    original_goal: date
    days_left: int
    days_late: int
    running: bool
    ended: bool
    ended_on: date | None
    held_by: str
    segments: tuple[Segment, ...]
    sentence: str

    @property
    def time_left(self) -> str:
        """The words beside the goal date: `16 review days`, `1 day late`, `ended`."""
        if self.ended:
            return "ended" if not self.days_late else f"ended {counted(self.days_late)} late"
        if self.days_late:
            return f"{counted(self.days_late)} late"
        return "today" if self.days_left == 0 else counted(self.days_left, "review day")


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone of the track. `overdue` is a metric, never a block."""

    key: str
    label: str
    review_day: int
    on: date
    done_on: date | None
    overdue: bool


def has_started(events: Iterable[ClockEvent]) -> bool:
    return any(event.kind is ClockKind.START for event in events)


def reading(events: Sequence[ClockEvent], goal_days: int, today: date) -> ClockReading:
    """What the clock of the latest cycle says at the end of `today` (agency date).

    `events` in the order of recording; those that take effect after `today` are left out.
    Raises NotStarted without a START, ValueError for two STARTs without an END or an EXTEND without days.
    """
    cycle = _latest_cycle(events, today)
    start = cycle[0].on
    ended_on = next((event.on for event in cycle if event.kind is ClockKind.END), None)
    until = ended_on or today
    holds, held_by = _holds(cycle, start, until)
    held = sum((last - first).days for first, last, _ in holds)
    extension = sum(event.days for event in cycle if event.kind is ClockKind.EXTEND)
    total = (until - start).days
    allowed = goal_days + extension
    goal = start + timedelta(days=allowed + held)
    reasons = [event.reason for event in cycle if event.kind is ClockKind.EXTEND]
    made = ClockReading(
        received=start,
        today=today,
        review_days=total - held,
        held_days=held,
        total_days=total,
        allowed_days=allowed,
        extension_days=extension,
        goal_date=goal,
        original_goal=start + timedelta(days=goal_days),
        days_left=max(0, (goal - until).days),
        days_late=max(0, (until - goal).days),
        running=ended_on is None and not held_by,
        ended=ended_on is not None,
        ended_on=ended_on,
        held_by="" if ended_on else held_by,
        segments=_segments(start, until, holds, allowed),
        sentence="",
    )
    return msgspec.structs.replace(made, sentence=_sentence(made, reasons))


def date_of_review_day(clock: ClockReading, day: int) -> date:
    """The date of a review day: when it was first reached, or when it will be if nothing more stops the clock."""
    counted_so_far = 0
    for part in clock.segments:
        if part.kind is SegmentKind.HELD:
            continue
        if day <= counted_so_far + part.days:
            return part.start + timedelta(days=day - counted_so_far)
        counted_so_far += part.days
    until = clock.ended_on or clock.today
    return until + timedelta(days=day - counted_so_far)


def milestones(
    track: TrackPolicy, events: Sequence[ClockEvent], today: date, done: Mapping[str, date] | None = None
) -> tuple[Milestone, ...]:
    """The track's milestones with their dates as holds and extensions have moved them.

    `done` says which were reached, and when. An extension moves every milestone that it found still ahead.
    """
    clock = reading(events, track.goal_days, today)
    cycle = _latest_cycle(events, today)
    extensions = [
        (reading(events, track.goal_days, event.on).review_days, event.days)
        for event in cycle
        if event.kind is ClockKind.EXTEND
    ]
    return tuple(_milestone(key, day, extensions, clock, done or {}) for key, day in track.milestones.items())


def explain(clock: ClockReading) -> tuple[str, ...]:
    """How the days are counted, with this case's own numbers: the text behind "How days are counted"."""
    allowance = f"{clock.allowed_days - clock.extension_days}"
    if clock.extension_days:
        allowance += f" + {clock.extension_days} extension"
    return (
        f"Day 0 is the day of receipt, {spelled(clock.received)}.",
        "Every calendar day counts, weekends and holidays too.",
        "Only the lab's turn stops the review clock. Consults, panels, leave and workload never do.",
        "Holds that overlap are counted once. A question answered the same day holds nothing.",
        f"Review days: {clock.total_days} total − {clock.held_days} held = {clock.review_days}.",
        f"Goal: day 0 + {allowance} + {clock.held_days} held = {spelled(clock.goal_date)}.",
    )


def _latest_cycle(events: Sequence[ClockEvent], today: date) -> list[ClockEvent]:
    """The events from the last START on, as far as they have taken effect."""
    known = [event for event in events if event.on <= today]
    starts = [place for place, event in enumerate(known) if event.kind is ClockKind.START]
    if not starts:
        raise NotStarted("The review clock has not started.")
    for earlier, later in pairwise(starts):
        if not any(event.kind is ClockKind.END for event in known[earlier:later]):
            raise ValueError("A review clock cannot start twice without an end between.")
    cycle = known[starts[-1] :]
    if any(event.kind is ClockKind.EXTEND and event.days < 1 for event in cycle):
        raise ValueError("An extension adds at least one day.")
    return cycle


def _holds(cycle: list[ClockEvent], start: date, until: date) -> tuple[list[tuple[date, date, str]], str]:
    """The union of the holds as (first, end, reason), clipped to the cycle, and what holds it still."""
    still_open: dict[str, tuple[date, str]] = {}
    spans: list[tuple[date, date, str]] = []
    for event in cycle:
        if event.kind is ClockKind.STOP:
            first = min(event.on, still_open[event.hold][0]) if event.hold in still_open else event.on
            still_open[event.hold] = (first, event.reason or "A hold")
        elif event.kind is ClockKind.RESUME:
            names = [event.hold] if event.hold in still_open else list(still_open)
            spans += [(still_open[name][0], event.on, still_open.pop(name)[1]) for name in names]
        elif event.kind is ClockKind.END:
            break
    held_by = " and ".join(dict.fromkeys(reason for _, reason in still_open.values()))
    spans += [(first, until, reason) for first, reason in still_open.values()]
    clipped = [(max(first, start), min(last, until), reason) for first, last, reason in spans]
    return _union(span for span in clipped if span[0] < span[1]), held_by


def _union(spans: Iterable[tuple[date, date, str]]) -> list[tuple[date, date, str]]:
    merged: list[tuple[date, date, str]] = []
    for first, last, reason in sorted(spans):
        if merged and first < merged[-1][1]:
            before = merged[-1]
            names = dict.fromkeys([*before[2].split(" and "), reason])
            merged[-1] = (before[0], max(before[1], last), " and ".join(names))
        else:
            merged.append((first, last, reason))
    return merged


def _segments(
    start: date, until: date, holds: list[tuple[date, date, str]], allowed: int
) -> tuple[Segment, ...]:
    """The days from receipt to now, cut into running, held and late stretches without gaps."""
    parts: list[Segment] = []
    cursor, used = start, 0

    def run_to(end: date) -> None:
        nonlocal used
        in_time = min(end, max(cursor, cursor + timedelta(days=allowed - used)))
        for kind, first, last in ((SegmentKind.RUN, cursor, in_time), (SegmentKind.LATE, in_time, end)):
            if first < last:
                parts.append(Segment(kind=kind, start=first, end=last))
        used += (end - cursor).days

    for first, last, reason in holds:
        run_to(first)
        parts.append(Segment(kind=SegmentKind.HELD, start=first, end=last, reason=reason))
        cursor = last
    run_to(until)
    return tuple(parts)


def _milestone(
    key: str, day: int, extensions: list[tuple[int, int]], clock: ClockReading, done: Mapping[str, date]
) -> Milestone:
    moved = day + sum(days for granted, days in extensions if key == "decision" or day > granted)
    on = date_of_review_day(clock, moved)
    done_on = done.get(key)
    return Milestone(
        key=key,
        label=MILESTONES.get(key, key.replace("_", " ").capitalize()),
        review_day=moved,
        on=on,
        done_on=done_on,
        overdue=(done_on or clock.ended_on or clock.today) > on,
    )


def _sentence(clock: ClockReading, extension_reasons: list[str]) -> str:
    """One to four short sentences: receipt, what stopped the clock, where the goal is, where it stands."""
    goal, first = clock.goal_date, clock.original_goal
    said = [f"Received {spelled(clock.received)}."]
    stops: dict[str, int] = {}
    for part in clock.segments:
        if part.kind is SegmentKind.HELD:
            stops[part.reason] = stops.get(part.reason, 0) + part.days
    causes = [f"{reason} stopped the review clock for {counted(days)}" for reason, days in stops.items()]
    if clock.extension_days:
        named = next((reason for reason in extension_reasons if reason), "An extension")
        causes.append(f"{named} added {counted(clock.extension_days)}")
    said += [f"{cause}." for cause in causes[:-1]]
    if goal != first:
        moved = f"the goal moved from {spelled(first, beside=goal)} to {spelled(goal, beside=clock.received)}"
        said.append(f"{causes[-1]}, so {moved}.")
    else:
        said.append(f"Nothing has moved the goal, {spelled(goal, beside=clock.received)}.")
    if clock.ended_on:
        said.append(
            f"The clock ended on {spelled(clock.ended_on, beside=goal)}, review day {clock.review_days}."
        )
    elif clock.held_by:
        said.append(f"{clock.held_by} holds the clock until the lab answers.")
    if clock.days_late:
        said.append(f"The goal was missed by {counted(clock.days_late)}.")
    return " ".join(said)
