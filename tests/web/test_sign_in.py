"""Coming in and going out: what proves who it is, how long that lasts, and what an attacker learns."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from review.acts import perform
from review.acts.people import make_link
from review.records.tables import session
from review.rules.given import Target
from review.rules.vocabulary import Act
from review.settings import DEMONSTRATION_PASSWORD, Settings
from review.web import UnsafeDemonstration, create_app
from tests.builders import LAB, World
from tests.web.visiting import Visitor, app_of, text_of

OFFICIAL = "ruth.adeyemi@agency.example"
LEAD = "daniel.reyes@agency.example"
WRONG = "User id or password is not right."


def test_user_id_and_password_open_a_session_and_the_wanted_page(world: World) -> None:
    visitor = Visitor(app_of(world))
    asked = visitor.get("/account")
    assert asked.headers["Location"] == "/sign-in?next=/account"
    answer = visitor.post("/sign-in", user_id=LAB.upper(), password=DEMONSTRATION_PASSWORD, next="/account")
    assert answer.headers["Location"] == "/account"
    assert "Jonas Brandt" in text_of(visitor.get("/account"))


@pytest.mark.parametrize(
    "wanted", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "x"]
)
def test_signing_in_leads_to_no_other_site(world: World, wanted: str) -> None:
    visitor = Visitor(app_of(world))
    answer = visitor.post("/sign-in", user_id=LAB, password=DEMONSTRATION_PASSWORD, next=wanted)
    assert answer.headers["Location"] == "/desk"


def test_a_wrong_password_an_unknown_person_and_a_locked_account_read_the_same(world: World) -> None:
    visitor = Visitor(app_of(world))
    answers = [visitor.sign_in("nobody@agency.example", "wrong"), visitor.sign_in(LAB, "wrong")]
    for _ in range(4):
        visitor.sign_in(LAB, "wrong")
    answers.append(visitor.sign_in(LAB, DEMONSTRATION_PASSWORD))
    for answer in answers:
        assert answer.status_code == 422
        assert WRONG in text_of(answer)


def test_the_fifth_wrong_password_closes_the_account_for_a_quarter_of_an_hour(world: World) -> None:
    visitor = Visitor(app_of(world))
    for _ in range(5):
        visitor.sign_in(LAB, "wrong")
    assert visitor.sign_in(LAB).status_code == 422
    world.clock.to(world.clock.at + timedelta(minutes=16))
    assert visitor.sign_in(LAB).status_code == 303


def test_what_was_typed_stays_after_a_wrong_password_and_the_password_does_not(world: World) -> None:
    answer = Visitor(app_of(world)).sign_in(LAB, "a wrong one")
    assert LAB in answer.text
    assert "a wrong one" not in answer.text


@pytest.mark.parametrize(("person", "minutes"), [(LEAD, 30), (OFFICIAL, 15)])
def test_a_session_ends_when_nobody_uses_it(world: World, person: str, minutes: int) -> None:
    visitor = Visitor(app_of(world))
    visitor.sign_in(person)
    for _ in range(3):
        world.clock.to(world.clock.at + timedelta(minutes=minutes - 2))
        assert visitor.get("/account").status_code == 200
    world.clock.to(world.clock.at + timedelta(minutes=minutes + 1))
    assert visitor.get("/account").status_code == 303


def test_a_session_ends_after_twelve_hours_whatever_happens(world: World) -> None:
    visitor = Visitor(app_of(world))
    visitor.sign_in(LEAD)
    for _ in range(28):
        world.clock.to(world.clock.at + timedelta(minutes=25))
        assert visitor.get("/account").status_code == 200
    world.clock.to(world.clock.at + timedelta(minutes=25))
    assert visitor.get("/account").status_code == 303


def test_the_use_of_a_session_is_noted_at_most_once_a_minute(world: World) -> None:
    visitor = Visitor(app_of(world))
    visitor.sign_in(LEAD)
    first = seen_at(world)
    visitor.get("/account")
    assert seen_at(world) == first
    world.clock.to(world.clock.at + timedelta(minutes=2))
    visitor.get("/account")
    assert seen_at(world) > first


def test_signing_in_again_makes_a_new_session_and_ends_the_old_one(world: World) -> None:
    visitor = Visitor(app_of(world, demonstration=True))
    visitor.sign_in(LEAD)
    cookie = visitor.client.get_cookie("review")
    assert cookie is not None
    visitor.post("/sign-in/as", persona=OFFICIAL)
    new = visitor.client.get_cookie("review")
    assert new is not None
    assert new.value != cookie.value
    visitor.client.set_cookie("review", cookie.value)
    assert visitor.get("/account").status_code == 303


def test_only_a_digest_of_the_session_is_kept(world: World) -> None:
    visitor = Visitor(app_of(world))
    visitor.sign_in(LEAD)
    cookie = visitor.client.get_cookie("review")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    with world.office.database.reading() as conn:
        assert cookie.value not in conn.execute(select(session.c.token_sha256)).scalars().all()


def test_under_https_the_cookie_is_bound_to_the_host_and_sent_over_https_only(world: World) -> None:
    client = app_of(world).test_client()
    page = client.get("/sign-in", base_url="https://localhost")
    assert "Strict-Transport-Security" in page.headers
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "user_id": LEAD, "password": DEMONSTRATION_PASSWORD}
    answer = client.post("/sign-in", data=fields, base_url="https://localhost")
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-review="))
    assert "Secure" in cookie
    assert "Path=/" in cookie


def test_signing_out_ends_the_session_in_the_table_too(world: World) -> None:
    visitor = Visitor(app_of(world))
    visitor.sign_in(LEAD)
    cookie = visitor.client.get_cookie("review")
    assert cookie is not None
    visitor.post("/sign-out")
    visitor.client.set_cookie("review", cookie.value)
    assert visitor.get("/account").status_code == 303


def test_a_person_ends_the_other_sessions_and_nobody_elses(world: World) -> None:
    app = app_of(world)
    here, there, other = Visitor(app), Visitor(app), Visitor(app)
    here.sign_in(LEAD)
    there.sign_in(LEAD)
    other.sign_in(LAB)
    other.post("/account/sessions/end", session=newest_digest(world, LEAD))
    assert here.get("/account").status_code == there.get("/account").status_code == 200
    here.post("/account/sessions/end", session="others")
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    assert other.get("/account").status_code == 200


def test_a_closed_account_is_out_at_once(world: World) -> None:
    visitor = Visitor(app_of(world))
    visitor.sign_in(LEAD)
    perform(
        world.office,
        world.people["kofi.mensah@agency.example"],
        Act.DEACTIVATE,
        None,
        Target(target=world.people[LEAD]),
    )
    assert visitor.get("/account").status_code == 303
    assert visitor.sign_in(LEAD).status_code == 422


def test_a_one_time_link_sets_a_password_once(world: World) -> None:
    app = app_of(world)
    visitor = Visitor(app)
    link = make_link(world.office, world.people[LAB]).removeprefix(world.office.settings.address)
    assert "Jonas Brandt" in text_of(visitor.get(link))
    assert visitor.post(link, seen=link, password="short", again="short").status_code == 422
    assert visitor.post(link, seen=link, password="three plain words", again="other words").status_code == 422
    done = visitor.post(link, seen=link, password="three plain words", again="three plain words")
    assert done.status_code == 303
    assert visitor.get(link).status_code == 410
    assert visitor.sign_in(LAB).status_code == 422
    assert visitor.sign_in(LAB, "three plain words").status_code == 303


def test_a_one_time_link_ends_after_a_day(world: World) -> None:
    visitor = Visitor(app_of(world))
    link = make_link(world.office, world.people[LAB]).removeprefix(world.office.settings.address)
    world.clock.to(world.clock.at + timedelta(hours=25))
    assert visitor.get(link).status_code == 410


def test_one_click_signs_in_as_a_persona_in_the_demonstration_only(world: World) -> None:
    plain = Visitor(app_of(world))
    assert plain.post("/sign-in/as", persona=LEAD).status_code == 404
    assert "Daniel Reyes" not in plain.get("/sign-in").text
    shown = Visitor(app_of(world, demonstration=True))
    assert "Daniel Reyes" in shown.get("/sign-in").text
    assert shown.post("/sign-in/as", persona=LEAD).status_code == 303
    assert shown.post("/sign-in/as", persona="eve@elsewhere.example").status_code == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "review.example"])
def test_a_demonstration_runs_on_this_machine_only(world: World, host: str) -> None:
    world.office.settings = Settings(data=world.office.settings.data, demonstration=True, host=host)
    with pytest.raises(UnsafeDemonstration):
        create_app(world.office)


def test_a_demonstration_answers_to_no_other_name(world: World) -> None:
    client = app_of(world, demonstration=True).test_client()
    assert client.get("/sign-in", base_url="http://elsewhere.example").status_code == 421
    assert client.get("/sign-in", base_url="http://127.0.0.1:8000").status_code == 200


def seen_at(world: World) -> str:
    with world.office.database.reading() as conn:
        return str(conn.execute(select(session.c.seen_at)).scalar_one())


def newest_digest(world: World, user_id: str) -> str:
    query = select(session.c.token_sha256).where(session.c.person_id == world.people[user_id])
    with world.office.database.reading() as conn:
        return str(conn.execute(query.order_by(session.c.created_at.desc())).scalars().first())
