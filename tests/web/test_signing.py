"""Signing: shown first, then both components; a signature never covers what its signer did not read."""

import re

import pytest
from flask import Blueprint
from werkzeug.test import TestResponse

from review.rules.vocabulary import Act, Outcome, State
from review.settings import DEMONSTRATION_PASSWORD
from review.web import create_app, signing
from review.web.access import page
from review.web.here import Here
from tests.builders import World
from tests.web.visiting import Visitor, text_of

OFFICIAL = "ruth.adeyemi@agency.example"
HIDDEN = re.compile(r'name="(csrf_token|nonce|key|to|title)" value="([^"]*)"')


@pytest.fixture
def official(world: World, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """The deciding official, on a site whose one page asks for a signature of the decision."""
    asking = Blueprint("signing", "asking")

    def ask(here: Here) -> object:
        return here.sign(Act.APPROVE, title="Sign the decision: approve", to="/account")

    page(asking, "/cases/<case_id>/ask", get="case:see")(ask)
    page(asking, "/cases/<case_id>/sign/<act>", post="case:see", endpoint="sign")(signing.sign)
    monkeypatch.setattr(signing, "blueprint", asking)
    visitor = Visitor(create_app(world.office, ("register", "sign_in", "signing")))
    visitor.sign_in(OFFICIAL)
    return visitor


def shown(visitor: Visitor, case_id: str) -> dict[str, str]:
    return dict(HIDDEN.findall(visitor.get(f"/cases/{case_id}/ask").text))


def send(visitor: Visitor, case_id: str, fields: dict[str, str], **components: str) -> TestResponse:
    given = {"user_id": OFFICIAL, "password": DEMONSTRATION_PASSWORD, **components}
    return visitor.client.post(f"/cases/{case_id}/sign/approve", data={**fields, **given})


def test_the_page_says_what_it_means_which_bytes_what_is_printed_and_what_follows(
    world: World, official: Visitor
) -> None:
    text = text_of(official.get(f"/cases/{world.pending().case_id}/ask"))
    for words in (
        "Approval. I decide this, for the reasons stated, on the evidence cited.",
        "Ruth Adeyemi , deciding official",
        "The case is decided: approved.",
        "Calder is told at once.",
        "Tomás Vega, agency counsel, signed legal sufficiency for this same version",
        "Sign the decision: approve",
        "Cancel, sign nothing",
        "The first signing of a session asks for both",
    ):
        assert words in text, words
    assert len(re.findall(r"\b(?:[0-9a-f]{4} ){7}[0-9a-f]{4}\b", text)) == 2


def test_both_components_sign_once_and_the_next_page_says_so(world: World, official: Visitor) -> None:
    play = world.pending()
    fields = shown(official, play.case_id)
    done = send(official, play.case_id, fields)
    assert done.status_code == 303
    assert play.facts().state is State.DECIDED_APPROVED
    assert "Approved. Receipt: ledger entry" in text_of(official.get("/account"))
    assert "Approved. Receipt" not in text_of(official.get("/account"))
    again = send(official, play.case_id, fields)
    assert again.status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [{"password": "heron"}, {"user_id": "daniel.reyes@agency.example"}, {"user_id": "", "password": ""}],
)
def test_a_wrong_component_signs_nothing_and_the_same_record_can_be_signed_after(
    world: World, official: Visitor, wrong: dict[str, str]
) -> None:
    play = world.pending()
    fields = shown(official, play.case_id)
    refused = send(official, play.case_id, fields, **wrong)
    assert refused.status_code == 422
    assert "Nothing was signed" in refused.text
    assert play.facts().state is State.DECISION_PENDING
    assert dict(HIDDEN.findall(refused.text))["nonce"] == fields["nonce"]
    assert send(official, play.case_id, fields).status_code == 303


def test_what_changed_after_it_was_opened_is_not_signed(world: World, official: Visitor) -> None:
    play = world.pending()
    fields = shown(official, play.case_id)
    decision = play.facts().decision
    assert decision is not None
    play.propose(Act.DRAFT_DECISION, decision.proposal, {"P-9": "Another text."}).counsel("decision")
    refused = send(official, play.case_id, fields)
    assert refused.status_code == 409
    assert "Read the new version, then sign." in refused.text
    assert play.facts().state is State.DECISION_PENDING


def test_a_record_opened_by_another_person_is_not_signed(world: World, official: Visitor) -> None:
    play = world.pending()
    fields = shown(official, play.case_id)
    other = Visitor(official.client.application)
    other.sign_in("daniel.reyes@agency.example")
    token = other.token("/account")
    refused = send(other, play.case_id, {**fields, "csrf_token": token})
    assert refused.status_code == 409
    assert play.facts().state is State.DECISION_PENDING


def test_a_refused_act_is_not_shown_for_signing(world: World, official: Visitor) -> None:
    play = world.pending(Outcome.RESTRICT)
    answer = official.get(f"/cases/{play.case_id}/ask")
    assert answer.status_code == 422
    assert "Not done: decide: approve" in text_of(answer)


@pytest.mark.parametrize("to", ["https://elsewhere.example", "//elsewhere.example", "javascript:x", "/\\x"])
def test_signing_leads_to_no_other_site(world: World, official: Visitor, to: str) -> None:
    play = world.pending()
    done = send(official, play.case_id, {**shown(official, play.case_id), "to": to})
    assert done.headers["Location"] == f"/cases/{play.case_id}"


def test_later_signings_know_the_user_id_and_still_ask_for_the_password(
    world: World, official: Visitor
) -> None:
    first = world.pending()
    assert f'value="{OFFICIAL}"' not in official.get(f"/cases/{first.case_id}/ask").text
    send(official, first.case_id, shown(official, first.case_id))
    second = world.pending()
    assert f'value="{OFFICIAL}"' in official.get(f"/cases/{second.case_id}/ask").text
    refused = send(official, second.case_id, shown(official, second.case_id), password="")
    assert refused.status_code == 422


def test_the_password_of_a_persona_shows_in_the_demonstration_only(world: World, official: Visitor) -> None:
    play = world.pending()
    world.office.settings = world.office.settings.__class__(
        data=world.office.settings.data, demonstration=False
    )
    assert DEMONSTRATION_PASSWORD not in official.get(f"/cases/{play.case_id}/ask").text
    world.office.settings = world.office.settings.__class__(
        data=world.office.settings.data, demonstration=True
    )
    assert DEMONSTRATION_PASSWORD in official.get(f"/cases/{play.case_id}/ask").text
