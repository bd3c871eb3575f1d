"""The clock bar: from receipt to goal on one line, whose time ran when, and what is due.

Solid is the agency's time, hatch the lab's, white is to come; the black flag is today, the thick stroke the goal.
Beyond the goal the bar goes on in red edge. The upper ruler counts review days and pauses during a hold, the lower
one counts dates. Labels are placed so that none meets another and no stem crosses a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec
from markupsafe import Markup

from review.printing.charts import svg
from review.printing.charts.rulers import Taken, date_marks, milestone_lanes, review_day_marks
from review.printing.filters import counted, day_words
from review.rules.clock import ClockReading, SegmentKind
from review.rules.clock import Milestone as RuleMilestone

SpanKind = Literal["run", "held", "late"]
MilestoneState = Literal["done", "next", "to_come"]
SPAN_KINDS: dict[SegmentKind, SpanKind] = {
    SegmentKind.RUN: "run",
    SegmentKind.HELD: "held",
    SegmentKind.LATE: "late",
}

LEFT = 6.0
BAR_HEIGHT = 28.0
FLAG_HEIGHT = 22.0
LANE_HEIGHT = 20.0


class ClockSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of days from `start` up to, not including, `end`."""

    kind: SpanKind
    start: date
    end: date

    @property
    def days(self) -> int:
        """Calendar days of the stretch."""
        return (self.end - self.start).days


class ClockMilestone(msgspec.Struct, frozen=True, kw_only=True):
    """A point that hangs below the bar."""

    on: date
    label: str
    state: MilestoneState


class ClockFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All that the bar shows. `spans` cover receipt to `as_of` without gaps; `flag` and `goal_words` replace words."""

    received: date
    goal: date
    as_of: date
    spans: tuple[ClockSpan, ...]
    milestones: tuple[ClockMilestone, ...] = ()
    flag: str = ""
    goal_words: str = ""
    show_goal_words: bool = True

    @property
    def end(self) -> date:
        """The last date that the bar reaches."""
        return max(self.goal, self.as_of, self.received + timedelta(days=1))

    @property
    def days_late(self) -> int:
        """Calendar days that ran after the goal."""
        return sum(span.days for span in self.spans if span.kind == "late")


def facts_of(reading: ClockReading, milestones: Sequence[RuleMilestone] = ()) -> ClockFacts:
    """The bar's facts from what the clock says on a day. A clock that ended carries `Decided, day n` as its flag.

    While held the goal moves a day a day, so its stroke is named `If sent today`.
    """
    waiting = [each for each in milestones if each.done_on is None]
    next_one = min(waiting, key=lambda each: each.on, default=None)
    marks = tuple(
        ClockMilestone(
            on=each.done_on or each.on,
            label=each.label,
            state="done" if each.done_on else "next" if each is next_one and not reading.ended else "to_come",
        )
        for each in milestones
    )
    as_of = reading.ended_on if reading.ended and reading.ended_on else reading.today
    held = not reading.running and not reading.ended
    return ClockFacts(
        received=reading.received,
        goal=reading.goal_date,
        as_of=as_of,
        spans=tuple(
            ClockSpan(kind=SPAN_KINDS[part.kind], start=part.start, end=part.end) for part in reading.segments
        ),
        milestones=marks,
        flag=f"Decided, day {reading.review_days}" if reading.ended else "",
        goal_words="If answered today" if held else "",
        show_goal_words=not (reading.ended and as_of == reading.goal_date),
    )


def clock_bar(facts: ClockFacts, chart_id: str, width: float = 1200) -> Markup:
    """The bar at its real size, `width` chart units wide. Below 520 it is the narrow one: bar, two dates, no rulers."""
    if width < 520:
        return _narrow(facts, chart_id, width)
    scale = _Scale(facts, width, _room_at_right(facts))
    flag_rows, flags = _flags(facts, scale, width)
    ruler_y = flag_rows * (FLAG_HEIGHT + 4) + 16
    bar_y = ruler_y + 10
    parts = [
        svg.hatch(f"{chart_id}-hatch"),
        *_upper_ruler(facts, scale, ruler_y, bar_y),
        *_bar(facts, scale, bar_y, BAR_HEIGHT, f"{chart_id}-hatch"),
        *_lower_ruler(facts, scale, bar_y + BAR_HEIGHT),
        *_late_words(facts, scale, ruler_y),
        *_strokes(facts, scale, bar_y, flags),
    ]
    lanes, hung = _milestones(facts, scale, bar_y + BAR_HEIGHT, width)
    height = bar_y + BAR_HEIGHT + 24 + lanes * LANE_HEIGHT + (8 if lanes else 0)
    return svg.picture(chart_id, width, height, "Review clock", clock_description(facts), [*hung, *parts])


def clock_description(facts: ClockFacts) -> str:
    """The bar in sentences, for those who do not see it."""
    held = sum(span.days for span in facts.spans if span.kind == "held")
    run = sum(span.days for span in facts.spans if span.kind != "held")
    goal = facts.goal_words or f"Goal, {day_words(facts.goal)}"
    days = f"{counted(run, 'review day', words=False)} ran and {counted(held, 'day', words=False)} were held"
    sentences = [
        f"Received {day_words(facts.received)}.",
        f"{days} up to {day_words(facts.as_of)}.",
        f"{goal}: goal {day_words(facts.goal)}." if facts.goal_words else f"{goal}.",
    ]
    if facts.days_late:
        sentences.append(f"{counted(facts.days_late, 'day', words=False)} late.")
    return " ".join(sentences)


def clock_rows(facts: ClockFacts) -> list[tuple[str, str]]:
    """The bar as a table: date and what happens on it, oldest first."""
    rows = [(facts.received, 0, "Filing received")]
    rows += [
        (span.start, 1, f"Clock held for {counted(span.days, 'day', words=False)}")
        for span in facts.spans
        if span.kind == "held"
    ]
    words = {"done": "", "next": ", next", "to_come": ", to come"}
    rows += [(each.on, 2, each.label + words[each.state]) for each in facts.milestones]
    rows.append((facts.as_of, 3, facts.flag or "Today"))
    rows.append((facts.goal, 4, facts.goal_words or "Goal"))
    return [(day_words(on), what) for on, _, what in sorted(rows, key=lambda row: row[:2])]


class _Scale:
    """Where a date lies on the bar."""

    def __init__(self, facts: ClockFacts, width: float, right: float) -> None:
        self.start = facts.received
        self.width = width
        self.per_day = (width - LEFT - right) / (facts.end - facts.received).days

    def x(self, on: date) -> float:
        return LEFT + (on - self.start).days * self.per_day


def _goal_label(facts: ClockFacts) -> str:
    return (facts.goal_words or f"Goal, {day_words(facts.goal, year=False)}") if facts.show_goal_words else ""


def _flag_label(facts: ClockFacts) -> str:
    return facts.flag or f"Today, {day_words(facts.as_of, year=False)}"


def _room_at_right(facts: ClockFacts) -> float:
    """Space after the last date for the labels that hang or stand there."""
    after_end = [svg.text_width(each.label) + 14 for each in facts.milestones if each.on >= facts.end]
    late = [svg.text_width(_late_label(facts), bold=True) + 10] if facts.days_late else []
    return max([svg.text_width(_goal_label(facts), bold=True) / 2 + 2, 24, *after_end, *late])


def _flags(facts: ClockFacts, scale: _Scale, width: float) -> tuple[int, list[tuple[str, float, float, int]]]:
    """How many rows the flags need, and each as kind, center, stem x, row. The goal rises when today is close."""
    today_x, goal_x = scale.x(facts.as_of), scale.x(facts.goal)
    today_half = svg.text_width(_flag_label(facts), bold=True) / 2 + 8
    goal_half = svg.text_width(_goal_label(facts), bold=True) / 2
    today_center = min(max(today_x, today_half), width - today_half)
    goal_center = min(max(goal_x, goal_half), width - goal_half)
    close = bool(_goal_label(facts)) and abs(today_center - goal_center) < today_half + goal_half + 8
    rows = 2 if close else 1
    flags = [("today", today_center, today_x, rows - 1)]
    return rows, [("goal", goal_center, goal_x, 0), *flags]


def _strokes(
    facts: ClockFacts, scale: _Scale, bar_y: float, flags: list[tuple[str, float, float, int]]
) -> list[Markup]:
    parts: list[Markup] = []
    for kind, center, stem_x, row in flags:
        top = row * (FLAG_HEIGHT + 4)
        bottom = bar_y + BAR_HEIGHT + 4
        if kind == "goal":
            label_bottom = top + 18 if facts.show_goal_words else bar_y - 4
            parts.append(svg.line(stem_x, label_bottom + 3, stem_x, bottom, svg.INK, 3.5))
            parts.append(
                svg.text(center, top + 15, _goal_label(facts), anchor="middle", bold=True, fill=svg.INK)
            )
            continue
        words = _flag_label(facts)
        half = svg.text_width(words, bold=True) / 2 + 8
        parts.append(svg.line(stem_x, top + FLAG_HEIGHT, stem_x, bottom, svg.INK, 2))
        parts.append(
            svg.element(
                "rect", x=center - half, y=top, width=half * 2, height=FLAG_HEIGHT, rx=3, fill=svg.INK
            )
        )
        parts.append(svg.text(center, top + 15.5, words, anchor="middle", bold=True, fill=svg.WHITE))
    return [part for part in parts if part]


def _bar(facts: ClockFacts, scale: _Scale, y: float, height: float, hatch_id: str) -> list[Markup]:
    whole = svg.rectangle(LEFT, y, scale.x(facts.end) - LEFT, height, svg.WHITE, svg.EDGE)
    parts = [whole]
    for span in facts.spans:
        x, wide = scale.x(span.start), span.days * scale.per_day
        if span.kind == "held":
            parts.append(svg.rectangle(x, y, wide, height, f"url(#{hatch_id})", svg.EDGE))
        elif span.kind == "late":
            parts.append(svg.rectangle(x, y, wide, height, svg.PRIMARY))
            parts.append(svg.rectangle(x + 1.5, y + 1.5, max(wide - 3, 1), height - 3, "none", svg.ALERT, 3))
        else:
            parts.append(svg.rectangle(x, y, wide, height, svg.PRIMARY))
    return parts


def _upper_ruler(facts: ClockFacts, scale: _Scale, baseline: float, bar_y: float) -> list[Markup]:
    """Names of the holds first, as they say why the count pauses; then the count, where it finds room."""
    taken = Taken(scale.width)
    parts = []
    stems = (scale.x(facts.as_of), scale.x(facts.goal))
    for stem in stems:
        taken.take(stem - 2, stem + 2)
    for span in facts.spans:
        if span.kind != "held":
            continue
        middle = (scale.x(span.start) + scale.x(span.end)) / 2
        for words in (f"held {counted(span.days, 'day', words=False)}", f"held {span.days}"):
            if taken.take_centered(middle, svg.text_width(words), gap=5):
                parts.append(svg.text(middle, baseline, words, anchor="middle", italic=True))
                break
    roomy = 5 * scale.per_day > svg.text_width("Review day 0") + 24
    first = "Review day 0" if roomy else "day 0"
    for number, on in review_day_marks(facts.spans, facts.goal, scale.per_day):
        words = first if number == 0 else str(number)
        x = scale.x(on)
        room = svg.text_width(words)
        fits = taken.take(x - 2, x + room + 4) if number == 0 else taken.take_centered(x, room, gap=5)
        parts.append(svg.line(x, bar_y - 5, x, bar_y, svg.EDGE))
        if fits:
            parts.append(svg.text(x, baseline, words, anchor="start" if number == 0 else "middle"))
    return parts


def _lower_ruler(facts: ClockFacts, scale: _Scale, bar_bottom: float) -> list[Markup]:
    taken = Taken(scale.width)
    for stem in {scale.x(min(each.on, facts.end)) for each in facts.milestones}:
        taken.take(stem - 1, stem + 1)
    parts = []
    for on in date_marks(facts.received, facts.end, scale.per_day):
        x = scale.x(on)
        words = day_words(on, year=False, weekday=False)
        room = svg.text_width(words)
        start = on == facts.received
        parts.append(svg.line(x, bar_bottom, x, bar_bottom + 5, svg.EDGE))
        for shift in (room / 2,) if start else (0, -10, 10, -16, 16):
            if taken.take_centered(x + shift, room, gap=0 if start else 4):
                parts.append(svg.text(x + shift, bar_bottom + 18, words, anchor="middle"))
                break
    return parts


def _milestones(
    facts: ClockFacts, scale: _Scale, bar_bottom: float, width: float
) -> tuple[int, list[Markup]]:
    """Stems, marks and labels; returns how many lanes they take."""
    marks = sorted(facts.milestones, key=lambda each: each.on)
    extents = []
    for each in marks:
        x = scale.x(min(each.on, facts.end))
        room = svg.text_width(each.label, bold=each.state == "next") + 10
        extents.append((x, x + room) if x + room <= width else (x, x - room))
    lanes = milestone_lanes(extents)
    parts: list[Markup] = []
    for each, (x, end), lane in zip(marks, extents, lanes, strict=True):
        y = bar_bottom + 36 + lane * LANE_HEIGHT
        parts.append(svg.line(x, bar_bottom, x, y - 5, svg.COMPARATOR))
        parts.append(_milestone_mark(x, y, each.state))
        at_left = end < x
        parts.append(
            svg.text(
                x - 9 if at_left else x + 9,
                y + 4.5,
                each.label,
                anchor="end" if at_left else "start",
                bold=each.state == "next",
                fill=svg.INK,
            )
        )
    return max(lanes, default=-1) + 1, parts


def _milestone_mark(x: float, y: float, state: MilestoneState) -> Markup:
    done = state == "done"
    return svg.element(
        "circle",
        cx=x,
        cy=y,
        r=4.5,
        fill=svg.PRIMARY if done else svg.WHITE,
        stroke=svg.PRIMARY,
        stroke_width=2 if state == "next" else 1.6,
    )


def _late_label(facts: ClockFacts) -> str:
    return f"{counted(facts.days_late, 'day', words=False)} late"


def _late_words(facts: ClockFacts, scale: _Scale, baseline: float) -> list[Markup]:
    if not facts.days_late:
        return []
    return [svg.text(scale.x(facts.end) + 6, baseline, _late_label(facts), bold=True, fill=svg.ALERT)]


def _narrow(facts: ClockFacts, chart_id: str, width: float) -> Markup:
    """For 400 px: the bar, the first and the last date, today and the goal."""
    scale = _Scale(facts, width, 6)
    today_x, goal_x, bar_y = scale.x(facts.as_of), scale.x(facts.goal), 22.0
    goal_words = "goal" if not facts.days_late else _late_label(facts)
    today_words = "decided" if facts.flag else "today"
    goal_room, today_half = svg.text_width(goal_words), svg.text_width(today_words, bold=True) / 2
    today_center = min(
        max(today_x, today_half), width - today_half - (goal_room + 10 if not facts.flag else 0)
    )
    parts = [
        svg.hatch(f"{chart_id}-hatch"),
        *_bar(facts, scale, bar_y, 20, f"{chart_id}-hatch"),
        svg.line(goal_x, bar_y - 3, goal_x, bar_y + 23, svg.INK, 3.5),
        svg.line(today_x, bar_y - 5, today_x, bar_y + 24, svg.INK, 2),
        svg.text(today_center, 13, today_words, anchor="middle", bold=True, fill=svg.INK),
        svg.text(LEFT, 60, day_words(facts.received, year=False, weekday=False)),
        svg.text(width, 60, day_words(facts.goal, year=False, weekday=False), anchor="end"),
    ]
    if not facts.flag:
        fill = svg.ALERT if facts.days_late else svg.AXIS_TEXT
        parts.append(svg.text(width, 13, goal_words, anchor="end", bold=bool(facts.days_late), fill=fill))
    taken = Taken(width)
    taken.take(0, 60)
    taken.take(width - 60, width)
    for span in facts.spans:
        middle = (scale.x(span.start) + scale.x(span.end)) / 2
        words = f"held {span.days}"
        if span.kind == "held" and taken.take_centered(middle, svg.text_width(words), gap=4):
            parts.append(svg.text(middle, 60, words, anchor="middle", italic=True))
    return svg.picture(chart_id, width, 66, "Review clock", clock_description(facts), parts)
