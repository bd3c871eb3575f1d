"""What happens by itself: lapses and warnings, on their day and once, also when no worker ran for months."""

from datetime import date, timedelta

import pytest

from review.acts.packages import filing_of
from review.acts.perform import run_due
from review.casefile import gather
from review.demo.play import TEAM
from review.rules.clock import ClockKind, add_business_days, calendar_of, reading
from review.rules.given import ItemAnswer, NoticeAnswer, Protest, Reason
from review.rules.vocabulary import Act, DocumentKind, Outcome, Role, State
from tests.acts.conftest import CaseAt
from tests.acts.record import House
from tests.builders import LAB, START, ask

A, S = Act, State
FEDERAL = calendar_of("US")


def to_day(house: House, day: date) -> int:
    """Go to the morning of a day in the agency's zone, and let the worker look."""
    house.world.clock.to(START.replace(year=day.year, month=day.month, day=day.day))
    return run_due(house.office)


def acts(house: House) -> list[str]:
    return [entry.act for entry in house.entries()]


# Screening --------------------------------------------------------------------------------------


def test_a_screening_that_nobody_ends_in_time_ends_as_accepted_the_day_after(case_at: CaseAt) -> None:
    house = case_at(S.ACCEPTANCE_SCREENING)
    assert house.facts.cycle is not None
    due = house.facts.cycle.screening_due_on
    assert due == add_business_days(date(2026, 3, 2), 5, FEDERAL) == date(2026, 3, 9)
    assert to_day(house, due) == 0 and house.state is S.ACCEPTANCE_SCREENING
    assert to_day(house, due + timedelta(days=1)) == 1
    assert house.play.case.state is S.SUBSTANTIVE_REVIEW
    cycle = house.facts.cycle
    assert cycle.accepted_by_lapse and cycle.clock[0].on == date(2026, 3, 2)
    assert LAB in house.told(A.ACCEPT_BY_LAPSE) and TEAM[Role.LEAD] in house.told(A.ACCEPT_BY_LAPSE)
    assert to_day(house, due + timedelta(days=30)) == 0
    assert acts(house).count(A.ACCEPT_BY_LAPSE) == 1
    house.verify()


# A refusal to accept ----------------------------------------------------------------------------


def test_a_refused_filing_is_closed_after_sixty_days_of_silence_and_a_weeks_warning(case_at: CaseAt) -> None:
    house = case_at(S.REFUSED_TO_ACCEPT)
    refused = house.facts.checklist.refused_on if house.facts.checklist else None
    assert refused is not None
    done = {day: to_day(house, refused + timedelta(days=day)) for day in (52, 53, 59, 60, 61, 90)}
    assert done == {52: 0, 53: 1, 59: 0, 60: 0, 61: 1, 90: 0}
    assert acts(house)[-2:] == [A.WARN, A.CLOSE_INACTIVE]
    assert house.state is S.CLOSED_INACTIVE
    assert house.facts.documents[-1].document is DocumentKind.DOC_CLOSE
    house.verify()


def test_after_a_long_downtime_the_lab_still_has_a_week_from_its_warning(case_at: CaseAt) -> None:
    house = case_at(S.REFUSED_TO_ACCEPT)
    assert house.days_later(200) == 1
    assert house.state is S.REFUSED_TO_ACCEPT and acts(house)[-1] == A.WARN
    assert house.days_later(6) == 0
    assert house.days_later(1) == 1
    assert house.play.case.state is S.CLOSED_INACTIVE


def test_filing_over_protest_starts_the_clock_on_its_own_day(case_at: CaseAt) -> None:
    house = case_at(S.REFUSED_TO_ACCEPT)
    house.world.days_later(9)
    house.do(LAB, A.FILE_OVER_PROTEST, Protest(reason="It is in C4.", conference="HELD"))
    cycle = house.facts.cycle
    assert cycle is not None and cycle.clock[0].on == house.facts.today == cycle.received_on
    assert house.state is S.SUBSTANTIVE_REVIEW
    house.verify()


def test_filing_again_is_a_new_receipt_with_a_new_screening(case_at: CaseAt) -> None:
    house = case_at(S.REFUSED_TO_ACCEPT)
    number = house.play.case.number
    house.world.days_later(20)
    assert house.refused(LAB, A.RESUBMIT_AFTER_REFUSAL, _filing(house, {})) == ["deficiencies_answered"]
    house.play.submit({"comparators": "Named in C4."})
    f = house.facts
    assert house.state is S.ACCEPTANCE_SCREENING and house.play.case.number == number
    assert f.cycle is not None and f.cycle.received_on == f.today and not f.cycle.clock
    assert len(f.filings) == 2 and f.checklist is not None and len(f.checklist.open) == len(f.checklist.items)
    house.play.answer_checklist().accept()
    house.verify()


def _filing(house: House, answered: dict[str, str]) -> object:
    return filing_of(house.office, house.play.case_id, answered)


# An information request -------------------------------------------------------------------------


def test_a_question_warns_on_days_30_and_53_and_withdraws_on_day_61(case_at: CaseAt) -> None:
    house = case_at(S.INFORMATION_REQUEST_HOLD)
    asked = house.facts.today
    days = (29, 30, 31, 52, 53, 60, 61, 70)
    done = {day: to_day(house, asked + timedelta(days=day)) for day in days}
    assert done == {29: 0, 30: 1, 31: 0, 52: 0, 53: 1, 60: 0, 61: 1, 70: 0}
    assert acts(house)[-3:] == [A.WARN, A.WARN, A.DEEM_WITHDRAWN]
    assert house.state is S.WITHDRAWN_DEEMED
    warned = [w.partition("@") for w in house.facts.requests[0].warnings]
    assert [(key, day) for key, _, day in warned] == [
        ("30", str(asked + timedelta(days=30))),
        ("53", str(asked + timedelta(days=53))),
    ]
    assert LAB in house.told(A.WARN) and LAB in house.told(A.DEEM_WITHDRAWN)
    house.verify()


def test_after_a_long_downtime_a_question_is_warned_of_before_anything_ends(case_at: CaseAt) -> None:
    house = case_at(S.INFORMATION_REQUEST_HOLD)
    assert house.days_later(200) == 2
    assert house.state is S.INFORMATION_REQUEST_HOLD
    assert [house.days_later(1) for _ in range(8)] == [0, 0, 0, 0, 0, 0, 1, 0]
    assert house.play.case.state is S.WITHDRAWN_DEEMED


def test_an_answer_in_time_stops_the_withdrawal(case_at: CaseAt) -> None:
    house = case_at(S.INFORMATION_REQUEST_HOLD)
    house.days_later(53)
    assert house.refused(LAB, A.RESPOND_TO_INFORMATION_REQUEST) == ["every_item_answered"]
    house.do(LAB, A.ANSWER_ITEM, ItemAnswer(item_id="Q-1", cannot_because="The run was lost."))
    house.do(LAB, A.RESPOND_TO_INFORMATION_REQUEST)
    assert house.days_later(60) == 0 and house.state is S.SUBSTANTIVE_REVIEW


# A notice ---------------------------------------------------------------------------------------


def test_a_window_that_nobody_uses_closes_the_day_after_its_tenth(case_at: CaseAt) -> None:
    house = case_at(S.LAB_RESPONSE_WINDOW)
    notice = house.facts.last_notice
    assert notice is not None and notice.respond_by == house.facts.today + timedelta(days=10)
    assert house.days_later(10) == 0
    assert house.days_later(1) == 1 and house.state is S.DECISION_PENDING
    assert house.facts.last_notice is not None and house.facts.last_notice.response == "LAPSE"
    assert house.days_later(40) == 0
    house.verify()


def test_an_answer_or_a_waiver_closes_the_window_at_once(case_at: CaseAt) -> None:
    for given in (NoticeAnswer(waived=True), NoticeAnswer(points=("It is gated.", " "))):
        house = case_at(S.LAB_RESPONSE_WINDOW)
        house.do(LAB, A.ANSWER_NOTICE, given)
        last = house.facts.last_notice
        assert last is not None and len(last.points) == (0 if given.waived else 1)
        assert house.state is S.DECISION_PENDING and house.days_later(20) == 0


@pytest.mark.parametrize("stage", [S.DRAFT, S.SUBSTANTIVE_REVIEW, S.RECOMMENDATION, S.DECISION_PENDING])
def test_nothing_else_ever_happens_by_itself(case_at: CaseAt, stage: State) -> None:
    house = case_at(stage)
    before = len(house.entries())
    assert house.days_later(400) == 0
    assert len(house.entries()) == before and house.state is stage


# The clock --------------------------------------------------------------------------------------


def test_the_worked_numbers_of_the_clock_come_out_of_the_acts(case_at: CaseAt) -> None:
    """Receipt 2 March, a question from 14 to 23 March: the goal moves from 1 to 10 April 2026."""
    house = case_at(S.SUBSTANTIVE_REVIEW)
    to_day(house, date(2026, 3, 14))
    ask(house.play)
    to_day(house, date(2026, 3, 23))
    house.do(LAB, A.ANSWER_ITEM, ItemAnswer(item_id="Q-1", answer="0.41, of 256."))
    house.do(LAB, A.RESPOND_TO_INFORMATION_REQUEST)
    cycle = house.facts.cycle
    assert cycle is not None
    clock = reading(cycle.clock, cycle.goal_days, date(2026, 3, 25))
    assert (clock.received, clock.original_goal, clock.goal_date) == (
        date(2026, 3, 2),
        date(2026, 4, 1),
        date(2026, 4, 10),
    )
    assert (clock.review_days, clock.held_days, clock.total_days) == (14, 9, 23)
    house.verify()


def test_the_clock_ends_once_with_the_decision(case_at: CaseAt) -> None:
    house = case_at("restriction pending")
    house.do(TEAM[Role.SIGNATORY], A.RESTRICT)
    cycle = house.facts.cycle
    assert cycle is not None
    kinds = [event.kind for event in cycle.clock]
    assert kinds == [ClockKind.START, ClockKind.STOP, ClockKind.RESUME, ClockKind.END]
    assert house.play.case.outcome is Outcome.RESTRICT


def test_a_withdrawal_ends_a_running_clock_and_a_draft_owes_no_letter(case_at: CaseAt) -> None:
    house = case_at(S.INFORMATION_REQUEST_HOLD)
    house.do(LAB, A.WITHDRAW, Reason(reason="Put off."))
    assert house.facts.cycle is not None and house.facts.cycle.clock[-1].kind is ClockKind.END
    assert house.facts.documents[-1].document is DocumentKind.DOC_WD
    draft = case_at(S.DRAFT)
    draft.do(LAB, A.WITHDRAW, Reason(reason="Put off."))
    assert draft.state is S.WITHDRAWN and draft.facts.documents == () and draft.told(A.WITHDRAW) == set()
    with draft.office.database.reading() as conn:
        assert gather.drafts(conn, draft.play.case_id) == {}
    draft.verify()
