"""Each named guard refuses what it is for, is silent otherwise, and without it the act would go through."""

import pytest

from review.rules.guards import GUARDS
from review.rules.workflow import ROW, TABLE, refusals
from tests.guard_proofs import Proof, proofs
from tests.rules.sentences import CODE_NAME

PROOFS = list(proofs())


def name(proof: Proof) -> str:
    return f"{proof.guard}-{proof.act.value}"


def test_every_guard_of_the_table_is_shown_and_none_lies_unused() -> None:
    used = {guard for row in TABLE for guard in row.guards}
    assert used == {proof.guard for proof in PROOFS} == set(GUARDS)


def test_every_row_whose_guard_is_shown_has_that_guard() -> None:
    for proof in PROOFS:
        assert proof.guard in ROW[proof.act].guards, name(proof)


@pytest.mark.parametrize("proof", PROOFS, ids=name)
def test_an_act_that_meets_everything_is_open(proof: Proof) -> None:
    assert refusals(ROW[proof.act], proof.facts()) == ()


@pytest.mark.parametrize("proof", PROOFS, ids=name)
def test_the_guard_refuses_what_it_is_for_and_says_so_in_a_sentence(proof: Proof) -> None:
    f = proof.spoil(proof.facts())
    found = refusals(ROW[proof.act], f)
    assert proof.code in {refusal.code for refusal in found}
    if proof.alone:
        assert [refusal.code for refusal in found] == [proof.code]
    for refusal in found:
        assert refusal.sentence[-1] in ".?", refusal
        assert len(refusal.sentence.split()) <= 30, refusal
        assert not CODE_NAME.search(refusal.sentence), refusal


@pytest.mark.parametrize("proof", PROOFS, ids=name)
def test_without_the_guard_the_act_would_go_through(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a guard which is switched off turns this suite red."""
    f = proof.spoil(proof.facts())
    on = {refusal.code for refusal in refusals(ROW[proof.act], f)}
    monkeypatch.setitem(GUARDS, proof.guard, lambda _: None)
    off = {refusal.code for refusal in refusals(ROW[proof.act], f)}
    assert on - off == {proof.code}
    if proof.alone:
        assert off == set()
