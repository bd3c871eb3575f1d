"""Where marks go along a line so that their labels do not meet: pure geometry, no drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Protocol

LABEL_ROOM = 46.0
DATE_ROOM = 70.0


class Stretch(Protocol):
    """A stretch of days; a hold does not count."""

    @property
    def kind(self) -> str:
        """`run`, `late` or `held`."""

    @property
    def start(self) -> date:
        """First day."""

    @property
    def end(self) -> date:
        """The day after the last."""


class Taken:
    """Parts of a line from 0 to `width` that labels already cover."""

    def __init__(self, width: float) -> None:
        self._width = width
        self._spans: list[tuple[float, float]] = []

    def take(self, left: float, right: float) -> bool:
        """Cover a part if it is free; says whether it was."""
        if any(left < other_right and right > other_left for other_left, other_right in self._spans):
            return False
        self._spans.append((left, right))
        return True

    def take_centered(self, middle: float, room: float, gap: float) -> bool:
        """Cover a label of width `room` around `middle`, with a gap on both sides, if it stays on the line."""
        if middle - room / 2 < 0 or middle + room / 2 > self._width:
            return False
        return self.take(middle - room / 2 - gap, middle + room / 2 + gap)


def review_day_marks(spans: Sequence[Stretch], goal: date, per_day: float) -> Iterator[tuple[int, date]]:
    """Review days 0, 5, 10 … with the date on which each is reached; the count stands still during a hold."""
    step = _step((5, 10, 20, 50), per_day, LABEL_ROOM)
    number = 0
    yield from ([(0, spans[0].start)] if spans else [])
    last = spans[-1].end if spans else goal
    counting = [(span.start, span.end) for span in spans if span.kind == "run"]
    if last < goal:
        counting.append((last, goal))
    for start, end in counting:
        for offset in range(1, (end - start).days + 1):
            number += 1
            on = start + timedelta(days=offset)
            if number % step == 0 and on < goal:
                yield number, on


def date_marks(first: date, last: date, per_day: float) -> Iterator[date]:
    """The first day and then one per week, fortnight or four weeks, as there is room."""
    step = _step((7, 14, 28, 56), per_day, DATE_ROOM)
    on = first
    while on < last:
        yield on
        on += timedelta(days=step)


def milestone_lanes(extents: Sequence[tuple[float, float]]) -> list[int]:
    """A lane (0 on top) for each label, given as (stem x, label's far end) in order of x.

    Placed from right to left: a label that would cover stems to its right goes one lane below the lowest of them,
    so no stem ever crosses a label.
    """
    gap = 1.0
    lanes = [0] * len(extents)
    for place in reversed(range(len(extents))):
        stem, far = extents[place]
        right = max(stem + 6, far)
        crossed = [
            lanes[other]
            for other in range(place + 1, len(extents))
            if min(extents[other][0] - 6, extents[other][1]) < right + gap
        ]
        lanes[place] = max(crossed, default=-1) + 1
    return lanes


def _step(choices: Sequence[int], per_day: float, room: float) -> int:
    return next((choice for choice in choices if choice * per_day >= room), choices[-1])
