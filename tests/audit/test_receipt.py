"""A lab keeps a receipt and can check it without us; it shows only what the lab may see."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from review.audit import checkpoint as notes
from review.audit import ledger, receipt

ORIGIN = "review.example/ledger"


@pytest.fixture
def vkey(key) -> str:
    return notes.vkey(ORIGIN, key.public_key())


@pytest.fixture
def made(docket, key, vkey) -> dict:
    with docket.engine.begin() as connection:
        ledger.checkpoint(connection, key, ORIGIN, utc="2026-11-24T20:00:00.000Z")
        text = receipt.write(
            receipt.make(connection, 3, discloses=lambda part: part.name != "actor", key=vkey)
        )
    return json.loads(text)


def test_a_receipt_is_checked_without_the_ledger(made, vkey):
    assert receipt.check(made) == []
    assert receipt.check(json.dumps(made), trusted_key=vkey) == []


def test_a_receipt_discloses_only_what_its_reader_may_see(made):
    shown = {part["name"]: part.get("body") for part in made["parts"]}
    assert shown["actor"] is None
    assert "Because of submit" in shown["reason"]
    assert "Noor" not in json.dumps(made)
    assert "case-a" not in json.dumps(made).replace("tag-of-case-a", "")


def other_root(made):
    lines = made["checkpoint"].split("\n")
    lines[2] = base64.b64encode(b"r" * 32).decode()
    made["checkpoint"] = "\n".join(lines)


CHANGES = {
    "the act": lambda made: made["header"].update(act="withdraw"),
    "the time": lambda made: made["header"].update(utc="2026-01-01T00:00:00.000Z"),
    "the state": lambda made: made["header"].update(to="approved"),
    "the index": lambda made: made["header"].update(index=4),
    "the version": lambda made: made["header"].update(v=2),
    "a body": lambda made: made["parts"][1].update(body='{"text":"Because it was fine."}'),
    "a salt": lambda made: made["parts"][1].update(salt="00" * 16),
    "a salt that is none": lambda made: made["parts"][1].update(salt="zz"),
    "half a part": lambda made: made["parts"][1].pop("salt"),
    "a digest": lambda made: made["parts"][0].update(digest="00" * 32),
    "a digest that is none": lambda made: made["parts"][0].update(digest="zz"),
    "fewer parts": lambda made: made["parts"].pop(),
    "the proof": lambda made: made["proof"].reverse(),
    "a longer proof": lambda made: made["proof"].append(made["proof"][0]),
    "a proof that is none": lambda made: made.update(proof=["%%%"]),
    "the root": other_root,
    "the format": lambda made: made.update(format="other/1"),
    "the key": lambda made: made.update(key="x+y+z"),
    "no header": lambda made: made.pop("header"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_receipt_is_told(made, change):
    CHANGES[change](made)
    assert receipt.check(made)


def test_a_receipt_under_a_key_that_the_reader_does_not_trust_is_told(made):
    stranger = Ed25519PrivateKey.from_private_bytes(b"x" * 32).public_key()
    assert receipt.check(made, trusted_key=notes.vkey(ORIGIN, stranger))


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"format": 1}', "\x00"])
def test_what_is_no_receipt_is_said_to_be_none(text):
    (sentence,) = receipt.check(text)
    assert "cannot be read" in sentence


def test_no_receipt_before_a_checkpoint_covers_the_event(docket, vkey):
    with docket.engine.begin() as connection, pytest.raises(ledger.LedgerFault, match="No checkpoint"):
        receipt.make(connection, 3, discloses=lambda _: True, key=vkey)
