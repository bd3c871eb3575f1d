"""Every route and method, tried by every kind of person on cases that are theirs, half theirs, and not theirs.

What the answer must be follows from the permission word and from how a person stands to a case, said here anew.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from review.demo.play import MANAGER, TEAM, Play
from review.rules.given import Declaration, Reason
from review.rules.vocabulary import Act, Role
from review.web import access, create_app, sessions
from tests.builders import OTHER_LAB, World, found_world
from tests.web.agency_visits import Person

LEADS_LAB, ENGINEER = "milan.horak@ostrava.example", "priya.raman@ostrava.example"
INES, LENA = "ines.okafor@agency.example", "lena.haas@agency.example"
AUDITOR = "helen.whitlock@agency.example"
ADMINISTRATORS = ("kofi.mensah@agency.example", "anna.kowalska@agency.example")
NOBODY = ""
LABS = {LEADS_LAB, ENGINEER, OTHER_LAB}
AGENCY = {MANAGER, *TEAM.values(), INES, LENA, AUDITOR, *ADMINISTRATORS}
EVERYBODY = [NOBODY, *sorted(LABS), *sorted(AGENCY)]
HOUSE = {
    "house:SYS_ADMIN": set(ADMINISTRATORS),
    "house:DOCKET_MANAGER": {MANAGER},
    "house:AUDITOR": {AUDITOR},
}
TRIED = {
    "whole": EVERYBODY,
    "half": [INES, LENA, TEAM[Role.SIGNATORY]],
    "draft": [LEADS_LAB, OTHER_LAB, MANAGER, AUDITOR, TEAM[Role.LEAD], ADMINISTRATORS[0]],
}
"""Who is tried on which case: everybody on one, then those who stand to another in a way of their own."""
PAIRS = [(case, user) for case, users in TRIED.items() for user in users]
LATER = {"/sign-out", "/account/sessions/end", "/static/<path:name>"}
"""Tried elsewhere: two end the session that this test needs, one reads no person at all."""


class Stands(StrEnum):
    """How a person stands to a case."""

    OF_THE_LAB = "of the lab"
    DECLARED = "on the team, declared"
    UNDECLARED = "on the team, not declared"
    MANAGES = "assigns people"
    AUDITS = "audits"
    OUTSIDE = "outside"


class Gate(StrEnum):
    """What happens at the door of a page."""

    OPEN = "open"
    SIGN_IN = "sign in first"
    DECLARE = "declare first"
    NOTHING = "nothing here"


INSIDE = {Stands.OF_THE_LAB, Stands.DECLARED, Stands.AUDITS}
OPENS: dict[str, set[Stands]] = {
    "case:lab": {Stands.OF_THE_LAB},
    "case:see": INSIDE,
    "case:team": INSIDE | {Stands.UNDECLARED, Stands.MANAGES},
}


class Built(NamedTuple):
    """A world with cases of one lab and how everybody stands to each."""

    world: World
    app: Flask
    cases: dict[str, str]
    stands: dict[str, dict[str, Stands]]


def whole_team(play: Play) -> Play:
    play.assign(Role.INTAKE, Role.LEAD).answer_checklist().accept()
    return play.assign(Role.SIGNATORY, Role.COUNSEL, Role.RATIFIER).assign_reviewers()


def undeclared_reviewers(play: Play) -> Play:
    """Intake and lead at work, reviewers assigned who have not declared, one declared an interest; no official."""
    play.assign(Role.INTAKE, Role.LEAD).answer_checklist().accept().assign_reviewers(declare=False)
    play.do(LENA, Act.ATTEST_CONFLICTS, Declaration(interest=True, statement="A sister works there."))
    return play


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    world = found_world(tmp_path_factory.mktemp("routes") / "house")
    filed = whole_team(world.draft("tern-2", LEADS_LAB).submit())
    filed.do(LENA, Act.RECUSE, Reason(reason="A friend works there."))
    half = undeclared_reviewers(world.draft("tern-2", LEADS_LAB).submit())
    draft = world.draft("tern-2", LEADS_LAB)
    lab = {LEADS_LAB: Stands.OF_THE_LAB, ENGINEER: Stands.OF_THE_LAB}
    known = {**lab, MANAGER: Stands.MANAGES, AUDITOR: Stands.AUDITS}
    team = dict.fromkeys((*TEAM.values(), INES), Stands.DECLARED)
    working = {TEAM[Role.INTAKE]: Stands.DECLARED, TEAM[Role.LEAD]: Stands.DECLARED, INES: Stands.UNDECLARED}
    yield Built(
        world,
        create_app(world.office),
        {"whole": filed.case_id, "half": half.case_id, "draft": draft.case_id},
        {"whole": {**known, **team}, "half": {**known, **working}, "draft": lab},
    )
    world.office.database.close()


class Browser(Person):
    """A person, or nobody, who sends every request with the token that a page of ours would carry."""

    def __init__(self, built: Built, user: str) -> None:
        if user:
            super().__init__(built.world, built.app, user)
        else:
            self.client = built.app.test_client()
        page = self.client.get("/account" if user else "/sign-in").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        self.csrf = found.group(1)

    def send(self, method: str, address: str) -> TestResponse:
        return self.client.open(address, method=method, headers={"X-CSRF-Token": self.csrf})


def address(rule: str, case_id: str = "") -> str:
    """A rule with values that lead as far as they can."""
    values = {
        "case_id": case_id,
        "instrument": "cover_sheet",
        "section": "applicant",
        "part": "memo",
        "discipline": "CYBER",
        "number": "EV-01",
        "evidence_id": "EV-01",
        "act": "submit",
    }
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda m: values.get(m[1], "0"), rule)


@pytest.fixture
def at_the_gate(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Notes for each request whether it got past the gate."""
    passed: list[bool] = []
    gate = access._bar

    def noted(*given: Any) -> Any:
        passed.append(False)
        barred = gate(*given)
        passed[-1] = barred is None
        return barred

    monkeypatch.setattr(access, "_bar", noted)
    return passed


def wanted(word: str, user: str, stands: Stands) -> Gate:
    """What the word means for a person."""
    if word == "public":
        return Gate.OPEN
    if not user:
        return Gate.SIGN_IN
    if word in OPENS:
        if stands in OPENS[word]:
            return Gate.OPEN
        return Gate.DECLARE if word == "case:see" and stands is Stands.UNDECLARED else Gate.NOTHING
    allowed = {"signed_in": LABS | AGENCY, "lab": LABS, "agency": AGENCY, **HOUSE}[word]
    return Gate.OPEN if user in allowed else Gate.NOTHING


def got(answer: TestResponse, passed: bool) -> Gate | str:
    """What happened, from the answer alone save for `passed`."""
    to = answer.headers.get("Location", "")
    if answer.status_code >= 500:
        return f"fault {answer.status_code}"
    if passed:
        return "sent to sign in" if to.startswith("/sign-in?") else Gate.OPEN
    if answer.status_code == 303 and to.startswith("/sign-in?"):
        return Gate.SIGN_IN
    if answer.status_code == 303 and to.endswith("/declare"):
        return Gate.DECLARE
    if answer.status_code == 404 and "There is nothing here for you" in answer.text:
        return Gate.NOTHING
    return f"{answer.status_code} {to}"


def routes(app: Flask, *, of_a_case: bool) -> list[tuple[str, str, str]]:
    found = access.declared(app).items()
    return [
        (rule, method, word)
        for (rule, method), word in found
        if ("<case_id>" in rule) is of_a_case and rule not in LATER
    ]


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user or "a visitor")
def test_pages_of_the_house_open_to_those_whom_their_word_names(
    built: Built, at_the_gate: list[bool], user: str
) -> None:
    browser = Browser(built, user)
    wrong = []
    for rule, method, word in routes(built.app, of_a_case=False):
        answer = browser.send(method, address(rule))
        found, should = got(answer, at_the_gate[-1]), wanted(word, user, Stands.OUTSIDE)
        if found != should:
            wrong.append(f"{method} {rule} ({word}): {found}, should be {should}")
    assert not wrong


@pytest.mark.parametrize(("case", "user"), PAIRS)
def test_pages_of_a_case_open_to_those_who_stand_to_it_as_their_word_asks(
    built: Built, at_the_gate: list[bool], case: str, user: str
) -> None:
    browser, case_id = Browser(built, user), built.cases[case]
    stands = built.stands[case].get(user, Stands.OUTSIDE)
    before = state_of(built, case_id)
    wrong = []
    for rule, method, word in routes(built.app, of_a_case=True):
        should = wanted(word, user, stands)
        answer = browser.send(method, address(rule, case_id))
        found = got(answer, at_the_gate[-1])
        if found != should:
            wrong.append(f"{method} {rule} ({word}): {found}, should be {should}")
        elif should is Gate.OPEN and method == "GET" and stands is Stands.UNDECLARED:
            wrong += [f"{method} {rule} shows {name}" for name in ("Tern", "EV-01") if name in answer.text]
    assert not wrong
    assert state_of(built, case_id) == before


def state_of(built: Built, case_id: str) -> Any:
    return built.world.play(case_id=case_id).case


# What is not yours is not there --------------------------------------------------------------------


class Statements:
    """Counts what is asked of the database."""

    def __init__(self, world: World) -> None:
        self.count = 0
        event.listen(world.office.database.engine, "before_cursor_execute", self._one)

    def _one(self, *_: Any) -> None:
        self.count += 1

    def of(self, ask: Callable[..., TestResponse], *values: str) -> tuple[int, TestResponse]:
        before = self.count
        answer = ask(*values)
        return self.count - before, answer


def bare(answer: TestResponse, case_id: str) -> tuple[Any, ...]:
    """An answer without what is new in each: one-time keys, and the address that was asked for."""
    text = re.sub(r'name="key" value="[^"]*"', "", answer.text).replace(case_id, "CASE")
    headers = sorted((k, v.replace(case_id, "CASE")) for k, v in answer.headers if k != "Content-Length")
    return answer.status_code, text, headers


@pytest.mark.parametrize(("case", "user"), [pair for pair in PAIRS if pair[1]])
def test_a_case_that_is_not_yours_costs_and_says_what_an_absent_one_does(
    built: Built, monkeypatch: pytest.MonkeyPatch, case: str, user: str
) -> None:
    monkeypatch.setattr(
        sessions, "SEEN_EVERY", timedelta(days=1)
    )  # the use of a session is noted by the minute
    browser, statements = Browser(built, user), Statements(built.world)
    case_id, absent_id = built.cases[case], "f" * 32
    stands = built.stands[case].get(user, Stands.OUTSIDE)
    wrong = []
    for rule, method, word in routes(built.app, of_a_case=True):
        if wanted(word, user, stands) is not Gate.NOTHING:
            continue
        cost, foreign = statements.of(browser.send, method, address(rule, case_id))
        same_cost, absent = statements.of(browser.send, method, address(rule, absent_id))
        if bare(foreign, case_id) != bare(absent, absent_id) or cost != same_cost:
            wrong.append(f"{method} {rule}: {foreign.status_code}/{cost} or {absent.status_code}/{same_cost}")
    assert not wrong


def test_every_kind_of_person_is_tried(built: Built) -> None:
    assert set(built.world.people) - {"jonas.brandt@calder.example"} == set(EVERYBODY) - {NOBODY}
    assert Path(built.world.office.settings.data).exists()
