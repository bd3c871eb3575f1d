"""Whatever happens to a clock, its days add up and its goal never moves earlier."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from review.rules.clock import (
    ClockEvent,
    ClockKind,
    SegmentKind,
    add_business_days,
    business_days_between,
    calendar_of,
    date_of_review_day,
    reading,
)

RECEIPT = date(2026, 3, 2)
FEDERAL = calendar_of("US")
GAPS = st.lists(st.integers(0, 12), max_size=14)


@st.composite
def histories(draw: st.DrawFn) -> list[ClockEvent]:
    """A clock as the procedure makes it: stops, resumes and extensions in the order of their days."""
    on, events, held, extended = RECEIPT, [ClockEvent(kind=ClockKind.START, on=RECEIPT)], False, False
    for gap in draw(GAPS):
        on += timedelta(days=gap)
        if not held and not extended and draw(st.booleans()):
            extended = True
            events.append(ClockEvent(kind=ClockKind.EXTEND, on=on, days=15))
            continue
        kind = ClockKind.RESUME if held else ClockKind.STOP
        events.append(ClockEvent(kind=kind, on=on, reason="IR-01"))
        held = not held
    if draw(st.booleans()):
        events.append(ClockEvent(kind=ClockKind.END, on=on))
    return events


@st.composite
def tangles(draw: st.DrawFn) -> list[ClockEvent]:
    """Holds of several names that overlap in any order: worse than the procedure allows."""
    stops = draw(
        st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from("abc")), max_size=8)
    )
    events = [ClockEvent(kind=ClockKind.START, on=RECEIPT)]
    for first, length, name in stops:
        begun = RECEIPT + timedelta(days=first)
        events.append(ClockEvent(kind=ClockKind.STOP, on=begun, hold=name, reason=name))
        ended = begun + timedelta(days=length)
        events.append(ClockEvent(kind=ClockKind.RESUME, on=ended, hold=name))
    return events


DAYS_LATER = st.integers(0, 200)


@given(st.one_of(histories(), tangles()), DAYS_LATER)
def test_running_days_and_held_days_are_all_the_days(events: list[ClockEvent], later: int) -> None:
    clock = reading(events, 30, RECEIPT + timedelta(days=later))
    assert clock.review_days + clock.held_days == clock.total_days
    assert min(clock.review_days, clock.held_days) >= 0


@given(st.one_of(histories(), tangles()), DAYS_LATER)
def test_the_segments_cover_every_day_once_and_say_the_same(events: list[ClockEvent], later: int) -> None:
    clock = reading(events, 30, RECEIPT + timedelta(days=later))
    cursor = RECEIPT
    for part in clock.segments:
        assert part.start == cursor < part.end
        cursor = part.end
    assert (cursor - RECEIPT).days == clock.total_days
    held = sum(part.days for part in clock.segments if part.kind is SegmentKind.HELD)
    late = sum(part.days for part in clock.segments if part.kind is SegmentKind.LATE)
    assert held == clock.held_days
    assert late == max(0, clock.review_days - clock.allowed_days) == clock.days_late


@given(histories(), DAYS_LATER, st.integers(0, 30))
def test_the_goal_never_moves_earlier_as_days_pass(events: list[ClockEvent], later: int, more: int) -> None:
    today = RECEIPT + timedelta(days=later)
    assert reading(events, 30, today).goal_date <= reading(events, 30, today + timedelta(days=more)).goal_date


@given(histories())
def test_no_event_moves_the_goal_earlier(events: list[ClockEvent]) -> None:
    goals = [reading(events[: n + 1], 30, event.on).goal_date for n, event in enumerate(events)]
    assert goals == sorted(goals)


@given(tangles())
def test_holds_never_count_more_than_the_days_they_cover(events: list[ClockEvent]) -> None:
    today = RECEIPT + timedelta(days=200)
    covered: set[date] = set()
    for stop, resume in zip(events[1::2], events[2::2], strict=True):
        covered |= {stop.on + timedelta(days=n) for n in range((resume.on - stop.on).days)}
    assert reading(events, 30, today).held_days == len(covered)


@given(histories(), DAYS_LATER, st.integers(0, 60))
def test_review_days_come_in_the_order_of_their_dates(events: list[ClockEvent], later: int, day: int) -> None:
    clock = reading(events, 30, RECEIPT + timedelta(days=later))
    assert date_of_review_day(clock, day) < date_of_review_day(clock, day + 1)
    if clock.running and not clock.days_late:
        assert date_of_review_day(clock, clock.allowed_days) == clock.goal_date


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.integers(1, 60))
def test_business_days_there_and_back(day: date, n: int) -> None:
    due = add_business_days(day, n, FEDERAL)
    assert FEDERAL.is_business_day(due)
    assert business_days_between(day, due, FEDERAL) == n
