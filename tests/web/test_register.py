"""What the public may read of a decision, and no more; guidance that holds against the rules."""

import re

import pytest

from review.audit import receipt
from review.rules.vocabulary import Outcome
from tests.builders import World
from tests.web.visiting import Visitor, app_of, text_of

SECRET = ("hardened", "evidence", "F-CY-01", "Ines Okafor", "Daniel Reyes", "T1", "probe account")


def only_case(visitor: Visitor) -> str:
    found = re.search(r"/register/[0-9a-f]{32}", visitor.get("/register").text)
    assert found is not None
    return found.group(0)


def test_a_restriction_shows_docket_lab_model_outcome_date_and_kinds_of_condition_only(world: World) -> None:
    world.decided(Outcome.RESTRICT)
    visitor = Visitor(app_of(world))
    for address in ("/", "/register", only_case(visitor)):
        text = text_of(visitor.get(address))
        for word in ("FMR-2026-0001", "Calder", "Tern 2 API", "Restricted", "Mon 2 Mar 2026"):
            assert word in text or (address != "/" and word == "Mon 2 Mar 2026" and "2 Mar 2026" in text)
        main = text.split("Newest decisions")[-1].split("How it works")[0]
        assert not [word for word in SECRET[2:] if word in main], address
    assert "access tier" in text_of(visitor.get(only_case(visitor)))


@pytest.mark.parametrize(("days", "shown"), [(0, False), (1, False), (2, True), (30, True)])
def test_a_denial_is_public_two_business_days_after_the_decision(
    world: World, days: int, shown: bool
) -> None:
    """Decided on a Monday: public on Wednesday."""
    world.decided(Outcome.DENY)
    world.days_later(days)
    visitor = Visitor(app_of(world))
    assert ("FMR-2026-0001" in visitor.get("/register").text) is shown


def test_an_open_case_is_not_in_the_register(world: World) -> None:
    case_id = world.pending().case_id
    visitor = Visitor(app_of(world))
    assert "FMR-2026-0001" not in visitor.get("/register").text
    assert visitor.get(f"/register/{case_id}").status_code == 404


def test_the_search_finds_docket_lab_and_model_and_says_when_nothing_fits(world: World) -> None:
    world.decided()
    visitor = Visitor(app_of(world))
    for words in ("tern", "CALDER", "fmr-2026-0001", "calder tern"):
        assert "FMR-2026-0001" in visitor.get("/register", query_string={"q": words}).text, words
    nothing = visitor.get("/register", query_string={"q": "100%_<script>"})
    assert nothing.status_code == 200
    assert "Nothing in the register matches" in nothing.text
    assert "<script>" not in nothing.text.split("<main")[1]


def test_an_empty_register_says_what_will_come(world: World) -> None:
    assert "No decision yet" in text_of(Visitor(app_of(world)).get("/"))


def test_the_checkpoint_is_text_that_names_the_ledger(world: World) -> None:
    answer = Visitor(app_of(world)).get("/checkpoint")
    assert answer.mimetype == "text/plain"
    assert answer.text.startswith(f"{world.office.settings.origin}\n")


def test_guidance_gives_the_key_that_checks_a_receipt(world: World) -> None:
    case_id = world.screening().case_id
    visitor = Visitor(app_of(world))
    key = re.search(r'<code class="command">(.*?)</code>', visitor.get("/guidance/receipts").text)
    assert key is not None
    visitor.sign_in("jonas.brandt@calder.example")
    given = visitor.get(f"/cases/{case_id}/receipt.json")
    assert given.status_code == 200
    assert receipt.check(given.data, trusted_key=key.group(1).replace("&#43;", "+")) == []


@pytest.mark.parametrize("name", ["days", "receipts", "roles", "signing"])
def test_guidance_opens_for_everybody(world: World, name: str) -> None:
    assert Visitor(app_of(world)).get(f"/guidance/{name}").status_code == 200
