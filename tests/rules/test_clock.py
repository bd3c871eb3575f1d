"""The review clock counts days as the policy says: only the lab's turn stops it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from review.rules.clock import (
    MILESTONES,
    ClockEvent,
    ClockKind,
    ClockReading,
    NotStarted,
    SegmentKind,
    add_business_days,
    business_days_between,
    calendar_of,
    countdown,
    date_of_review_day,
    end_of_day,
    explain,
    has_started,
    listed,
    local_date,
    milestones,
    passed,
    reading,
    spelled,
)
from review.rules.policy import current
from review.rules.vocabulary import Track

NEW_YORK = ZoneInfo("America/New_York")
FEDERAL = calendar_of("US")
RECEIPT = date(2026, 3, 2)


def march(day: int) -> date:
    return date(2026, 3, day)


def april(day: int) -> date:
    return date(2026, 4, day)


def start(on: date = RECEIPT) -> ClockEvent:
    return ClockEvent(kind=ClockKind.START, on=on)


def stop(on: date, reason: str = "IR-01", hold: str = "") -> ClockEvent:
    return ClockEvent(kind=ClockKind.STOP, on=on, reason=reason, hold=hold)


def resume(on: date, hold: str = "") -> ClockEvent:
    return ClockEvent(kind=ClockKind.RESUME, on=on, hold=hold)


def extend(on: date, days: int = 15) -> ClockEvent:
    return ClockEvent(kind=ClockKind.EXTEND, on=on, days=days, reason="A major amendment")


def end(on: date) -> ClockEvent:
    return ClockEvent(kind=ClockKind.END, on=on)


def days(clock: ClockReading) -> tuple[int, int, int]:
    return clock.review_days, clock.held_days, clock.total_days


# Worked numbers


def test_a_filing_received_on_2_march_has_its_goal_on_1_april() -> None:
    clock = reading([start()], 30, RECEIPT)
    assert clock.goal_date == clock.original_goal == april(1)
    assert days(clock) == (0, 0, 0)
    assert clock.running


def test_nine_days_of_hold_move_the_goal_to_10_april() -> None:
    clock = reading([start(), stop(march(14)), resume(march(23))], 30, march(25))
    assert clock.held_days == 9
    assert clock.goal_date == april(10)
    assert clock.original_goal == april(1)


def test_a_question_answered_the_same_day_holds_nothing() -> None:
    clock = reading([start(), stop(march(14)), resume(march(14))], 30, march(25))
    assert days(clock) == (23, 0, 23)
    assert clock.goal_date == april(1)


def test_the_case_page_of_25_march() -> None:
    clock = reading([start(), stop(march(10)), resume(march(19))], 30, march(25))
    assert days(clock) == (14, 9, 23)
    assert (clock.days_left, clock.time_left) == (16, "16 review days")
    assert clock.sentence == (
        "Received 2 March 2026. IR-01 stopped the review clock for 9 days, "
        "so the goal moved from 1 April to 10 April."
    )


# Holds


def test_overlapping_holds_count_once() -> None:
    events = [
        start(),
        stop(march(10), "IR-01", "ir"),
        stop(march(12), "The pause", "pause"),
        resume(march(16), "ir"),
        resume(march(20), "pause"),
    ]
    clock = reading(events, 30, march(25))
    assert clock.held_days == 10
    assert [part.days for part in clock.segments if part.kind is SegmentKind.HELD] == [10]


def test_a_notice_and_its_window_recorded_as_two_stops_are_one_hold() -> None:
    events = [start(), stop(march(20), "The notice"), stop(march(20), "The notice"), resume(march(30))]
    clock = reading(events, 30, april(2))
    assert clock.held_days == 10
    assert clock.running


def test_a_disputed_response_counts_as_never_having_ended_the_hold() -> None:
    answered = [start(), stop(march(14)), resume(march(23))]
    disputed = [*answered, stop(march(14))]
    assert reading(disputed, 30, march(26)).held_days == 12
    assert not reading(disputed, 30, march(26)).running
    upheld = [*disputed, resume(march(23))]
    assert reading(upheld, 30, march(26)).held_days == 9
    assert reading(upheld, 30, march(26)).goal_date == april(10)


def test_while_a_hold_is_open_the_goal_moves_day_by_day_and_the_days_left_stay() -> None:
    events = [start(), stop(march(14))]
    first, later = reading(events, 30, march(15)), reading(events, 30, march(20))
    assert (later.goal_date - first.goal_date).days == 5
    assert first.days_left == later.days_left == 18
    assert later.held_by == "IR-01"
    assert later.sentence.endswith("IR-01 holds the clock until the lab answers.")


def test_a_clock_event_of_tomorrow_has_no_effect_today() -> None:
    assert reading([start(), stop(march(14))], 30, march(13)).running


# The goal, passed and extended


def test_days_past_the_goal_are_late_review_days() -> None:
    clock = reading([start()], 30, april(4))
    assert (clock.days_late, clock.days_left, clock.time_left) == (3, 0, "3 days late")
    assert clock.segments[-1].kind is SegmentKind.LATE
    assert (clock.segments[-1].start, clock.segments[-1].days) == (april(1), 3)
    assert clock.sentence.endswith("The goal was missed by 3 days.")


def test_on_the_goal_date_itself_nothing_is_late() -> None:
    clock = reading([start()], 30, april(1))
    assert (clock.days_late, clock.time_left) == (0, "today")
    assert all(part.kind is SegmentKind.RUN for part in clock.segments)


def test_an_extension_adds_its_days_once() -> None:
    clock = reading([start(), extend(march(25))], 30, march(26))
    assert clock.goal_date == date(2026, 4, 16)
    assert "A major amendment added 15 days" in clock.sentence


def test_an_extension_without_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        reading([start(), extend(march(25), 0)], 30, march(26))


def test_an_ended_clock_stands_still() -> None:
    events = [start(), stop(march(10)), resume(march(19)), end(april(4))]
    clock = reading(events, 30, date(2026, 12, 24))
    assert days(clock) == (24, 9, 33)
    assert (clock.ended, clock.running, clock.time_left) == (True, False, "ended")
    assert clock.sentence.endswith("The clock ended on 4 April, review day 24.")


def test_an_end_during_a_hold_ends_the_hold() -> None:
    clock = reading([start(), stop(march(10)), end(march(20))], 30, april(1))
    assert days(clock) == (8, 10, 18)
    assert clock.held_by == ""


# Cycles


def test_the_latest_cycle_is_the_one_that_is_read() -> None:
    resubmitted = [start(), stop(march(10)), end(march(20)), start(date(2026, 5, 4))]
    clock = reading(resubmitted, 10, date(2026, 5, 6))
    assert clock.received == date(2026, 5, 4)
    assert days(clock) == (2, 0, 2)
    assert reading(resubmitted, 30, april(1)).ended


def test_a_clock_cannot_start_twice() -> None:
    with pytest.raises(ValueError, match="cannot start twice"):
        reading([start(), start(march(5))], 30, march(6))


def test_before_its_start_there_is_no_reading() -> None:
    assert not has_started([])
    with pytest.raises(NotStarted):
        reading([], 30, march(6))
    with pytest.raises(NotStarted):
        reading([start()], 30, march(1))


# Milestones


def test_milestones_fall_on_their_review_days_as_the_hold_moved_them() -> None:
    events = [start(), stop(march(10)), resume(march(19))]
    done = {"kick_off": march(5), "consult_questions": march(10), "first_questions": march(10)}
    found = milestones(current().track(Track.FULL), events, march(25), done)
    assert {one.key: one.on for one in found} == {
        "kick_off": march(5),
        "consult_questions": march(10),
        "first_questions": march(23),
        "mid_cycle": march(26),
        "reviews_signed": march(31),
        "memo": april(3),
        "notice": april(5),
        "decision": april(10),
    }
    assert not any(one.overdue for one in found)
    assert [one.label for one in found] == list(MILESTONES.values())


def test_a_milestone_that_was_not_reached_in_time_is_overdue() -> None:
    found = {one.key: one.overdue for one in milestones(current().track(Track.FULL), [start()], march(6))}
    assert found["kick_off"]
    assert not found["consult_questions"]
    late = milestones(current().track(Track.FULL), [start()], march(20), {"kick_off": march(6)})
    assert late[0].overdue


def test_an_extension_moves_the_milestones_that_lie_ahead() -> None:
    events = [start(), extend(march(24))]
    found = {one.key: one.review_day for one in milestones(current().track(Track.FULL), events, march(25))}
    assert (found["reviews_signed"], found["memo"], found["decision"]) == (20, 38, 45)


def test_a_review_day_within_a_hold_is_the_day_on_which_it_was_first_reached() -> None:
    clock = reading([start(), stop(march(10)), resume(march(19))], 30, march(25))
    assert date_of_review_day(clock, 8) == march(10)
    assert date_of_review_day(clock, 9) == march(20)
    assert date_of_review_day(clock, 30) == clock.goal_date


def test_the_count_is_explained_with_the_numbers_of_the_case() -> None:
    clock = reading([start(), stop(march(10)), resume(march(19)), extend(march(24))], 30, march(25))
    said = explain(clock)
    assert "Review days: 23 total − 9 held = 14." in said
    assert "Goal: day 0 + 30 + 15 extension + 9 held = 25 April 2026." in said
    assert all(len(sentence.split()) <= 20 for line in said for sentence in line.split(". "))


# Business days, time zones, words


def test_business_days_skip_weekends_and_federal_holidays() -> None:
    thursday_before_independence_day = date(2026, 7, 2)
    assert FEDERAL.holiday(date(2026, 7, 3)) == "Independence Day (observed)"
    assert add_business_days(thursday_before_independence_day, 1, FEDERAL) == date(2026, 7, 6)
    assert add_business_days(RECEIPT, 5, FEDERAL) == march(9)
    assert add_business_days(march(9), -5, FEDERAL) == RECEIPT
    assert add_business_days(march(7), 0, FEDERAL) == march(7)


def test_business_days_between_counts_the_last_day_and_not_the_first() -> None:
    assert business_days_between(march(6), march(9), FEDERAL) == 1
    assert business_days_between(march(9), march(6), FEDERAL) == -1
    assert business_days_between(date(2026, 12, 24), date(2026, 12, 28), FEDERAL) == 1


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        (date(2026, 3, 7), datetime(2026, 3, 8, 4, 59, 59, tzinfo=UTC)),
        (date(2026, 3, 8), datetime(2026, 3, 9, 3, 59, 59, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 2, 4, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_its_last_second_in_the_agency_zone_across_clock_changes(
    day: date, ends: datetime
) -> None:
    assert end_of_day(day, NEW_YORK) == ends
    assert local_date(ends, NEW_YORK) == day


def test_a_filing_late_in_the_evening_is_received_that_day_in_the_agency_zone() -> None:
    assert local_date(datetime(2026, 3, 3, 3, 30, tzinfo=UTC), NEW_YORK) == RECEIPT
    with pytest.raises(ValueError, match="without a zone"):
        local_date(datetime(2026, 3, 3, 3, 30), NEW_YORK)  # noqa: DTZ001


def test_a_day_deadline_passes_only_after_its_day_is_over() -> None:
    assert not passed(march(25), datetime(2026, 3, 26, 3, 59, 59, tzinfo=UTC), NEW_YORK)
    assert passed(march(25), datetime(2026, 3, 26, 4, 0, 0, tzinfo=UTC), NEW_YORK)


def test_the_change_to_summer_time_costs_no_day() -> None:
    assert days(reading([start(march(7))], 30, march(9))) == (2, 0, 2)


def test_dates_are_written_in_words() -> None:
    assert listed(march(25)) == "Wed 25 Mar 2026"
    assert spelled(march(2)) == "2 March 2026"
    assert spelled(march(2), beside=april(1)) == "2 March"
    assert spelled(march(2), beside=date(2027, 1, 4)) == "2 March 2026"
    assert [countdown(march(n), march(25)) for n in (23, 24, 25, 26, 31)] == [
        "2 days late",
        "1 day late",
        "today",
        "tomorrow",
        "in 6 days",
    ]
