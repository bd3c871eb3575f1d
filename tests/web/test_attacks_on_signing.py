"""Signatures and forms that come again, come late, come at once or come from another person."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from review.acts.packages import filing_of
from review.demo.play import MANAGER, TEAM
from review.rules.vocabulary import Act, Role, State
from review.settings import DEMONSTRATION_PASSWORD
from review.web import create_app, security
from tests.builders import LAB, OTHER_LAB, World, found_world
from tests.web.agency_visits import Forms
from tests.web.agency_visits import Person as Visitor
from tests.web.attacking import Place, cookie_of, placed
from tests.web.visiting import Visitor as Stranger
from tests.web.visiting import app_of

ADMINISTRATOR = "kofi.mensah@agency.example"
INES, INTAKE, LEAD = "ines.okafor@agency.example", TEAM[Role.INTAKE], TEAM[Role.LEAD]
OFFICIAL, COUNSEL = TEAM[Role.SIGNATORY], TEAM[Role.COUNSEL]
AT_ONCE = 10
At = Callable[[str | State], Place]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[At]:
    """Houses in which one case stands at a stage."""
    with ExitStack() as houses:
        yield lambda stage: houses.enter_context(placed(stage, tmp_path / uuid4().hex))


# Signatures --------------------------------------------------------------------------------------


def signing_form(visitor: Visitor, address: str) -> tuple[str, dict[str, str]]:
    """Where a signing page posts, and its fields with both components."""
    reader = Forms()
    page = visitor.open(address)
    assert page.status_code == 200, page.status_code
    reader.feed(page.text)
    form = next(f for f in reader.forms if "/sign/" in f["action"])
    fields = {**dict(form["fields"]), "user_id": visitor.user, "password": DEMONSTRATION_PASSWORD}
    return form["action"], fields


def test_a_page_opened_again_makes_the_first_one_stale(at: At) -> None:
    place = at(State.DECISION_PENDING)
    official = place.visit(OFFICIAL)
    action, first = signing_form(official, place.at("decision/sign"))
    _, second = signing_form(official, place.at("decision/sign"))
    assert official.client.post(action, data=first).status_code == 409
    assert place.play.case.state is State.DECISION_PENDING
    assert official.client.post(action, data=second).status_code == 303


def test_what_another_person_opened_for_signing_cannot_be_signed(at: At) -> None:
    place = at("notice drafted")
    counsel = place.visit(COUNSEL)
    _, opened = signing_form(counsel, place.at("decision/concurrence/sign"))
    official = place.visit(OFFICIAL)
    for act in ("issue_notice", "concur_legal_sufficiency", "approve"):
        fields = {
            "nonce": opened["nonce"],
            "user_id": OFFICIAL,
            "password": DEMONSTRATION_PASSWORD,
            "csrf_token": place.csrf(official),
        }
        known = next((a.value for a in Act if a.value.lower() == act), act)
        answer = official.client.post(place.at(f"sign/{known}"), data=fields)
        assert answer.status_code == 409, act
    assert place.play.case.state is State.RECOMMENDATION
    assert place.entries(Act.ISSUE_NOTICE) == 0


def test_one_cannot_sign_with_the_components_of_another(at: At) -> None:
    place = at(State.DECISION_PENDING)
    action, fields = signing_form(place.visit(OFFICIAL), place.at("decision/sign"))
    official = place.visit(OFFICIAL)
    token = place.csrf(official)
    for user, password in ((COUNSEL, DEMONSTRATION_PASSWORD), (OFFICIAL, "wrong"), ("", ""), (OFFICIAL, "")):
        data = {**fields, "csrf_token": token, "user_id": user, "password": password}
        assert official.client.post(action, data=data).status_code == 422
    assert place.play.case.state is State.DECISION_PENDING
    assert place.entries(Act.APPROVE) == 0


@pytest.mark.parametrize(
    "to",
    ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "/\t/elsewhere.example",
     "/\r\nSet-Cookie: a=b", "javascript:alert(1)", "/\n/elsewhere.example"],
)  # fmt: skip
def test_after_signing_one_stays_on_this_site(at: At, to: str) -> None:
    place = at(State.DECISION_PENDING)
    official = place.visit(OFFICIAL)
    action, fields = signing_form(official, place.at("decision/sign"))
    answer = official.client.post(action, data={**fields, "to": to})
    assert answer.status_code == 303
    where = answer.headers["Location"]
    assert where == place.at() or re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", where)
    assert not re.match(r"/(%09|%0A|%0D|[\s\\/])", where), where


def test_after_sign_in_one_stays_on_this_site(world: World) -> None:
    for to in (
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere.example",
        "/\t/elsewhere.example",
    ):
        visitor = Stranger(app_of(world))
        answer = visitor.post("/sign-in", user_id=LAB, password=DEMONSTRATION_PASSWORD, next=to)
        assert re.match(r"/\w", answer.headers["Location"]), to
        assert "elsewhere" not in answer.headers["Location"]


def test_wrong_passwords_sent_at_once_are_all_counted(at: At) -> None:
    place = at(State.DECISION_PENDING)
    official = place.visit(OFFICIAL)
    action, fields = signing_form(official, place.at("decision/sign"))
    answers = together(place.app, official, action, {**fields, "password": "wrong"}, AT_ONCE)
    assert set(answers) == {422}
    locked = official.client.post(action, data=fields)
    assert locked.status_code == 422
    assert "locked" in locked.text
    assert place.entries(Act.APPROVE) == 0


# The same form again -----------------------------------------------------------------------------


def together(app: Flask, visitor: Visitor, action: str, fields: dict[str, Any], times: int) -> list[int]:
    """Post one form several times at once, as a browser that is clicked in haste."""
    token = cookie_of(visitor.client)

    def post(_: int) -> int:
        client = app.test_client()
        client.set_cookie(security.session_cookie(False), token, domain="localhost")
        return client.post(action, data=fields).status_code

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(post, range(times)))


def test_one_signing_sent_ten_times_at_once_is_one_decision(at: At) -> None:
    place = at(State.DECISION_PENDING)
    official = place.visit(OFFICIAL)
    action, fields = signing_form(official, place.at("decision/sign"))
    answers = together(place.app, official, action, fields, AT_ONCE)
    assert 303 in answers and set(answers) <= {303, 409, 422}
    assert place.entries(Act.APPROVE) == 1
    assert (
        len(
            [
                s
                for s in place.play.facts().signatures
                if s.record_kind == "decision" and s.role is Role.SIGNATORY
            ]
        )
        == 1
    )


def test_a_filing_signed_ten_times_at_once_is_filed_once(at: At) -> None:
    place = at(State.DRAFT)
    jonas = place.visit(LAB)
    page = jonas.post(place.at("filing/submit"), {}, seen="/account")
    reader = Forms()
    reader.feed(page.text)
    form = next(f for f in reader.forms if "/sign/" in f["action"])
    fields = {**dict(form["fields"]), "user_id": LAB, "password": DEMONSTRATION_PASSWORD}
    answers = together(place.app, jonas, form["action"], fields, AT_ONCE)
    assert 303 in answers and set(answers) <= {303, 409, 422}
    assert place.entries(Act.SUBMIT) == 1
    assert len(place.play.facts().filings) == 1


ONCE: list[tuple[str, str | State, str, str, str, dict[str, Any], Act]] = [
    ("a filing opened", State.DRAFT, OTHER_LAB, "/filings", "/filings", {"model_name": "Heron 9"}, Act.OPEN_DRAFT),
    ("a lab", State.DRAFT, MANAGER, "/labs", "/labs", {"lab_name": "Marten Labs"}, Act.REGISTER_ORGANIZATION),
    (
        "an invitation", State.DRAFT, ADMINISTRATOR, "/people/invite", "/people/invite",
        {"name": "Nora", "user_id": "nora@agency.example"}, Act.INVITE,
    ),
    (
        "a question", State.SUBSTANTIVE_REVIEW, INES, "CASE/questions", "/questions/draft",
        {"provided-1": "One run.", "missing-1": "Another.", "basis-1": "Tier 2.", "cure-1": "A run.", "action": "save"},
        Act.DRAFT_INFORMATION_REQUEST,
    ),
    (
        "a withdrawal", State.SUBSTANTIVE_REVIEW, LAB, "CASE/withdraw", "/withdraw", {"reason": "Put off."},
        Act.WITHDRAW,
    ),
    ("an acceptance", "screened", INTAKE, "CASE/screening", "/screening/accept", {}, Act.ACCEPT),
    ("a forward", State.RECOMMENDATION, LEAD, "CASE/decision", "/decision/forward", {}, Act.FORWARD_CLEAN),
]  # fmt: skip


@pytest.mark.parametrize("times", [2, AT_ONCE])
@pytest.mark.parametrize(
    ("stage", "user", "page", "action", "typed", "act"),
    [row[1:] for row in ONCE],
    ids=[row[0] for row in ONCE],
)
def test_a_form_sent_several_times_has_one_effect(
    at: At, stage: Any, user: str, page: str, action: str, typed: dict[str, Any], act: Act, times: int
) -> None:
    place = at(State.ACCEPTANCE_SCREENING if stage == "screened" else stage)
    if stage == "screened":
        place.play.answer_checklist()
    visitor = place.visit(user)
    forms = visitor.forms(page.replace("CASE", place.at()))
    form = next(f for f in forms if f["action"].endswith(action) and dict(f["fields"]).get("csrf_token"))
    fields = {**dict(form["fields"]), **typed}
    assert fields.get("key"), "the form carries no key"
    before = place.entries(act)
    to = form["action"] or page.replace("CASE", place.at())
    answers = together(place.app, visitor, to, fields, times)
    assert set(answers) <= {303, 409, 422} and 303 in answers
    assert place.entries(act) == before + 1


def test_a_key_that_comes_again_with_other_content_changes_nothing(at: At) -> None:
    place = at(State.DRAFT)
    manager = place.visit(MANAGER)
    form = next(f for f in manager.forms("/labs") if f["action"].endswith("/labs"))
    fields = dict(form["fields"])
    assert manager.client.post("/labs", data={**fields, "lab_name": "Marten Labs"}).status_code == 303
    second = manager.client.post("/labs", data={**fields, "lab_name": "Stoat Labs"})
    assert second.status_code == 409
    assert "Stoat Labs" not in manager.open("/labs").text


def test_the_key_of_one_person_gives_another_person_nothing(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    key = "k" * 20
    given = filing_of(place.world.office, place.play.case_id)
    assert given is not None
    place.visit(LAB).post(place.at("withdraw"), {"reason": "Put off.", "key": key}, seen="/account")
    answer = place.visit(OTHER_LAB).post(
        place.at("withdraw"), {"reason": "Put off.", "key": key}, seen="/account"
    )
    assert answer.status_code == 404


# The demonstration -------------------------------------------------------------------------------


def test_outside_the_demonstration_nobody_signs_in_by_a_click_and_no_password_is_shown(
    tmp_path: Path,
) -> None:
    world = found_world(tmp_path)
    stranger = Stranger(app_of(world, demonstration=False))
    assert stranger.post("/sign-in/as", persona=OFFICIAL).status_code == 404
    assert stranger.get("/account").status_code == 303
    page = stranger.get("/sign-in").text
    assert OFFICIAL not in page and DEMONSTRATION_PASSWORD not in page
    play = world.pending()
    official = Visitor(world, create_app(world.office), OFFICIAL)
    assert DEMONSTRATION_PASSWORD not in official.open(f"/cases/{play.case_id}/decision/sign").text
    world.office.database.close()
