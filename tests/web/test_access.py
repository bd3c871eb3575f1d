"""Who may open which page; what is not yours is not there; what came from elsewhere is not done."""

import re
from typing import Any

import pytest
from flask import Blueprint
from sqlalchemy import event

from review.rules.vocabulary import State
from review.web import access, create_app
from review.web import register as register_room
from review.web.access import Undeclared
from tests.builders import LAB, OTHER_LAB, World
from tests.web.visiting import CORE, Visitor, app_of, text_of

ADMINISTRATOR = "kofi.mensah@agency.example"
DOCKET_MANAGER = "amara.diallo@agency.example"
AUDITOR = "helen.whitlock@agency.example"
REVIEWER = "ines.okafor@agency.example"
PERSONS = ("", LAB, ADMINISTRATOR, DOCKET_MANAGER, AUDITOR, REVIEWER)

MAY = {
    "public": set(PERSONS),
    "signed_in": set(PERSONS) - {""},
    "house:SYS_ADMIN": {ADMINISTRATOR},
    "house:DOCKET_MANAGER": {DOCKET_MANAGER},
    "house:AUDITOR": {AUDITOR},
}


def test_every_route_and_method_is_open_to_those_whom_its_word_names_and_to_nobody_else(world: World) -> None:
    app = app_of(world)
    visitors = {person: Visitor(app) for person in PERSONS}
    for person, visitor in visitors.items():
        if person:
            assert visitor.sign_in(person).status_code == 303
    tokens = {p: v.token("/account" if p else "/sign-in") for p, v in visitors.items()}
    for (rule, method), word in access.declared(app).items():
        if word.startswith("case:") or rule in {"/sign-out", "/static/<path:name>"}:
            continue
        address = re.sub(r"<int:[^>]+>", "0", rule).replace("<id>", "none").replace("<name>", "days")
        address = address.replace("<token>", "none")
        for person, visitor in visitors.items():
            if method == "GET":
                answer = visitor.get(address)
            else:
                answer = visitor.client.open(address, method=method, data={"csrf_token": tokens[person]})
            case = f"{method} {rule} for {person or 'a visitor'}: {answer.status_code}"
            if person in MAY[word]:
                assert answer.status_code < 500, case
                assert not answer.headers.get("Location", "").startswith("/sign-in?next"), case
            elif person:
                assert answer.status_code == 404, case
                assert "There is nothing here for you" in answer.text, case
            else:
                assert answer.status_code == 303, case
                assert answer.headers["Location"].startswith("/sign-in"), case


def test_a_route_that_declares_nothing_keeps_the_application_from_starting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = Blueprint("register", "careless")
    careless.add_url_rule("/open-to-all", "open", lambda: "all")
    monkeypatch.setattr(register_room, "blueprint", careless)
    with pytest.raises(Undeclared, match="/open-to-all"):
        create_app(world.office, ("register",))


@pytest.mark.parametrize(
    ("rule", "word", "why"),
    [
        ("/x", "everybody", "nobody defines"),
        ("/cases/<case_id>/x", "signed_in", "case word"),
        ("/x", "case:see", "case word"),
    ],
)
def test_a_word_that_does_not_fit_keeps_the_application_from_starting(
    world: World, monkeypatch: pytest.MonkeyPatch, rule: str, word: str, why: str
) -> None:
    careless = Blueprint("register", "careless")
    access.page(careless, rule, get=word)(lambda here: "text")
    monkeypatch.setattr(register_room, "blueprint", careless)
    with pytest.raises(Undeclared, match=why):
        create_app(world.office, ("register",))


def test_all_rooms_together_declare_every_route(world: World) -> None:
    assert access.declared(create_app(world.office))


class Statements:
    """Counts what is asked of the database."""

    def __init__(self, world: World) -> None:
        self.count = 0
        event.listen(world.office.database.engine, "before_cursor_execute", self._one)

    def _one(self, *_: Any) -> None:
        self.count += 1

    def of(self, ask: Any) -> tuple[int, Any]:
        before = self.count
        answer = ask()
        return self.count - before, answer


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBSTANTIVE_REVIEW, State.DECIDED_RESTRICTED])
@pytest.mark.parametrize("person", [OTHER_LAB, DOCKET_MANAGER, ADMINISTRATOR])
def test_a_case_that_is_not_yours_answers_exactly_as_one_that_does_not_exist(
    world: World, state: State, person: str
) -> None:
    case_id = (world.in_state(state) if state is not State.DRAFT else world.draft()).case_id
    visitor = Visitor(app_of(world))
    visitor.sign_in(person)
    statements = Statements(world)
    address = "/cases/{}/receipt.json"
    visitor.get(address.format("0" * 32))
    asked, absent = statements.of(lambda: visitor.get(address.format("f" * 32)))
    asked_too, foreign = statements.of(lambda: visitor.get(address.format(case_id)))
    assert (absent.status_code, absent.data) == (404, foreign.data) == (foreign.status_code, foreign.data)
    assert dict(absent.headers) == dict(foreign.headers)
    assert asked == asked_too


def test_a_form_without_the_token_of_its_session_is_not_done_and_what_was_typed_is_shown(
    world: World,
) -> None:
    visitor = Visitor(app_of(world))
    visitor.sign_in(DOCKET_MANAGER)
    answer = visitor.client.post("/labs", data={"lab_name": "Marten Labs", "csrf_token": "wrong"})
    assert answer.status_code == 403
    assert "Marten Labs" in answer.text
    assert "Marten Labs" not in visitor.get("/labs").text


def test_a_form_that_another_site_sends_is_not_done_even_with_the_token(world: World) -> None:
    visitor = Visitor(app_of(world))
    visitor.sign_in(DOCKET_MANAGER)
    fields = {"lab_name": "Marten Labs", "csrf_token": visitor.token("/labs")}
    answer = visitor.client.post("/labs", data=fields, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert (
        visitor.client.post("/labs", data=fields, headers={"Origin": "http://localhost"}).status_code == 303
    )


def test_every_answer_carries_the_headers_that_keep_other_code_and_other_sites_out(world: World) -> None:
    visitor = Visitor(app_of(world))
    visitor.sign_in(DOCKET_MANAGER)
    for address in ("/", "/sign-in", "/labs", "/nowhere", "/static/css/review.css"):
        headers = visitor.get(address).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"], address
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], address
        assert headers["X-Content-Type-Options"] == "nosniff", address
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", address
    assert visitor.get("/labs").headers["Cache-Control"] == "no-store"


def test_only_files_on_the_list_are_served(world: World) -> None:
    visitor = Visitor(app_of(world))
    assert visitor.get("/static/css/review.css").status_code == 200
    for address in (
        "/static/package.json",
        "/static/../pyproject.toml",
        "/static/%2e%2e/README.md",
        "/static/css",
    ):
        assert visitor.get(address).status_code == 404, address


def test_pages_name_their_own_files_with_a_mark_and_these_are_kept_for_ever(world: World) -> None:
    visitor = Visitor(app_of(world))
    found = re.search(r"/static/css/review\.css\?v=\w+", visitor.get("/").text)
    assert found is not None
    assert "immutable" in visitor.get(found.group(0)).headers["Cache-Control"]


def test_a_mistake_of_ours_is_told_with_a_reference_and_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = Visitor(app_of(world))
    monkeypatch.setattr("review.worklists.register", lambda *_, **__: 1 / 0)
    answer = visitor.get("/register")
    reference = re.search(r"<code[^>]*>(\w{8})</code>", answer.text)
    assert answer.status_code == 500
    assert reference is not None
    assert reference.group(1) in caplog.text
    assert "ZeroDivision" not in answer.text


def test_places_follow_the_person(world: World) -> None:
    app = app_of(world)
    wanted = {LAB: "Filings", DOCKET_MANAGER: "Labs", AUDITOR: "Ledger", ADMINISTRATOR: "People"}
    for person, place in wanted.items():
        visitor = Visitor(app)
        visitor.sign_in(person)
        assert place in text_of(visitor.get("/account"))


def test_the_core_rooms_are_among_all_rooms() -> None:
    from review.web import ROOMS

    assert set(CORE) <= set(ROOMS)
