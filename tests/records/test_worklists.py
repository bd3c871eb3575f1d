"""Every list shows a person only what that person may know of."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from review import worklists
from review.casefile import gather
from review.demo.play import MANAGER, REVIEWERS, TEAM, Play
from review.records.tables import cases
from review.rules import permissions
from review.rules.clock import add_business_days, calendar_of
from review.rules.given import Assign, Reason
from review.rules.vocabulary import Act, Outcome, Role, State
from tests.builders import LAB, OTHER_LAB, World, found_world
from tests.stages import copy_of, standing

AUDITOR, KOFI = "helen.whitlock@agency.example", "kofi.mensah@agency.example"
EVERYBODY = [LAB, OTHER_LAB, MANAGER, AUDITOR, KOFI, *TEAM.values(), *REVIEWERS]
STAGES = [State.DRAFT, State.ACCEPTANCE_SCREENING, State.SUBSTANTIVE_REVIEW, State.DECIDED_RESTRICTED]
TODAY = date(2026, 3, 2)
TEAM_USERS = {*TEAM.values(), *REVIEWERS}


def expected(stage: State) -> set[str]:
    """Who knows of a case of the first lab, by hand."""
    known = {LAB}
    if stage is not State.DRAFT:
        known |= {MANAGER, AUDITOR, TEAM[Role.INTAKE], TEAM[Role.LEAD]}
    if stage in {State.SUBSTANTIVE_REVIEW, State.DECIDED_RESTRICTED}:
        known |= TEAM_USERS
    return known


@pytest.mark.parametrize("user", EVERYBODY)
@pytest.mark.parametrize("stage", STAGES)
def test_lists_show_the_case_to_those_who_may_know_of_it(stage: State, user: str) -> None:
    play = standing(stage)
    with play.office.database.reading() as conn:
        person = gather.actor(conn, play.people[user])
        seen = set(conn.execute(worklists.visible(select(cases.c.id), person)).scalars())
        lines, _ = worklists.case_list(conn, person, TODAY)
        waiting = worklists.waiting(conn, person, TODAY, set())
        tasks = worklists.tasks(conn, person, TODAY)
    knows = user in expected(stage)
    assert seen == ({play.case_id} if knows else set())
    assert {line.id for line in lines} == seen
    open_for_agency = stage is not State.DECIDED_RESTRICTED
    assert {line.id for line in waiting} == (seen if open_for_agency or user == LAB else set())
    assert {task.case_id for task in tasks} <= seen
    assert permissions.may_know(play.facts(user)) is knows, "door and lists agree"


def test_a_stranger_finds_nothing_by_searching_and_a_lab_finds_its_own() -> None:
    play = standing(State.SUBSTANTIVE_REVIEW)
    number = play.case.number or ""
    with play.office.database.reading() as conn:
        for user, found in ((LAB, 1), (OTHER_LAB, 0), (KOFI, 0), (AUDITOR, 1), (TEAM[Role.LEAD], 1)):
            person = gather.actor(conn, play.people[user])
            for words in (number, play.case.model_name, "calder"):
                assert len(worklists.case_list(conn, person, TODAY, search=words)[0]) == found, (user, words)


def test_the_name_of_the_model_is_hidden_until_the_person_declares(tmp_path: Path) -> None:
    world, play = copy_of(State.ACCEPTANCE_SCREENING, tmp_path)
    user = TEAM[Role.SIGNATORY]
    play.do(MANAGER, Act.ASSIGN_ROLE, Assign(person_id=world.people[user], role=Role.SIGNATORY))
    with world.office.database.reading() as conn:
        person = gather.actor(conn, world.people[user])
        [line] = worklists.case_list(conn, person, TODAY)[0]
        [task] = worklists.tasks(conn, person, TODAY)
        assert line.hidden and not line.model and task.hidden
        assert play.case.model_name not in f"{line} {task}"
        assert worklists.case_list(conn, person, TODAY, search=play.case.model_name)[0] == ()
    world.office.database.close()


def test_before_declaring_a_desk_shows_the_declaration_alone_due_when_the_work_is(tmp_path: Path) -> None:
    play = found_world(tmp_path).draft().submit()
    intake = TEAM[Role.INTAKE]
    play.do(MANAGER, Act.ASSIGN_ROLE, given=Assign(person_id=play.people[intake], role=Role.INTAKE))
    with play.office.database.reading() as conn:
        [task] = worklists.tasks(conn, gather.actor(conn, play.people[intake]), TODAY)
    assert (task.place, task.hidden) == ("declare", True)
    assert task.due_on == play.facts().cycle.screening_due_on  # type: ignore[union-attr]


def test_a_person_who_recused_sees_the_case_in_no_list(tmp_path: Path) -> None:
    world, play = copy_of(State.SUBSTANTIVE_REVIEW, tmp_path)
    user = "ines.okafor@agency.example"
    play.do(user, Act.RECUSE, Reason(reason="A friend works there."))
    with world.office.database.reading() as conn:
        person = gather.actor(conn, world.people[user])
        assert worklists.case_list(conn, person, TODAY)[0] == ()
        assert worklists.tasks(conn, person, TODAY) == ()
    world.office.database.close()


@pytest.fixture
def two_labs(tmp_path: Path) -> tuple[World, Play, Play]:
    """A filed case of each of two labs."""
    world = found_world(tmp_path)
    one, other = world.screening(), world.screening("heron-4", OTHER_LAB)
    return world, one, other


def test_two_labs_never_meet_in_a_list(two_labs: tuple[World, Play, Play]) -> None:
    world, one, other = two_labs
    with world.office.database.reading() as conn:
        for user, own, foreign in ((LAB, one, other), (OTHER_LAB, other, one)):
            person = gather.actor(conn, world.people[user])
            lines = worklists.case_list(conn, person, TODAY)[0]
            tasks = worklists.tasks(conn, person, TODAY)
            messages = worklists.messages(conn, person)
            assert {line.id for line in lines} == {own.case_id}
            everything = f"{lines} {tasks} {messages}"
            assert foreign.case_id not in everything and (foreign.case.number or "-") not in everything
        manager = gather.actor(conn, world.people[MANAGER])
        first, cursor = worklists.case_list(conn, manager, TODAY, limit=1)
        second, end = worklists.case_list(conn, manager, TODAY, limit=1, after=cursor)
        assert {first[0].id, second[0].id} == {one.case_id, other.case_id} and end == ""
    world.office.database.close()


# The public register ----------------------------------------------------------------------------

FEDERAL = calendar_of("US")


def denied_until(today: date) -> date:
    """The newest day of decision whose denials are public today: two business days have passed."""
    day = today
    while add_business_days(day, 2, FEDERAL) > today:
        day -= timedelta(days=1)
    return day


@pytest.mark.parametrize("stage", [State.SUBSTANTIVE_REVIEW, State.DECISION_PENDING, State.WITHDRAWN])
def test_the_register_shows_no_case_that_is_not_decided(stage: State) -> None:
    with standing(stage).office.database.reading() as conn:
        assert worklists.register(conn, date(2027, 1, 1)) == ((), "")


@pytest.mark.parametrize("stage", [State.DECIDED_APPROVED, State.DECIDED_RESTRICTED])
def test_an_approval_is_public_at_once_with_kinds_of_conditions_and_no_more(stage: State) -> None:
    play = standing(stage)
    with play.office.database.reading() as conn:
        [line], _ = worklists.register(conn, date(2000, 1, 1))
    assert line.id == play.case_id and line.number == play.case.number and line.lab == "Calder"
    restricted = stage is State.DECIDED_RESTRICTED
    assert line.outcome is (Outcome.RESTRICT if restricted else Outcome.APPROVE)
    assert line.kinds == (("ACCESS_TIER_MAX",) if restricted else ())
    assert "probe account" not in str(line)


def test_a_denial_is_public_after_two_business_days() -> None:
    play = standing(State.DECIDED_DENIED)
    decided = play.case.decided_on
    assert decided == date(2026, 3, 2), "a Monday"
    with play.office.database.reading() as conn:
        shown = {
            day: len(worklists.register(conn, denied_until(date(2026, 3, day)))[0]) for day in (2, 3, 4, 5)
        }
        assert shown == {2: 0, 3: 0, 4: 1, 5: 1}
        assert worklists.register(conn, date(2027, 1, 1), search="tern calder")[0]
        assert not worklists.register(conn, date(2027, 1, 1), search="heron")[0]
