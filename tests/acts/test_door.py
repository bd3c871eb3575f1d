"""The door: one effect for each post, nothing on a stale page, and signatures that hold (21 CFR 11)."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from review.acts.perform import Conflict, newest_event, perform
from review.acts.signing import LOCK_MINUTES, Signing, prepare
from review.audit import canonical
from review.casefile.gather import valid_signatures
from review.demo.play import TEAM
from review.rules.given import MemoGiven, Reason, ReviewConclusion, ReviewOf
from review.rules.refusals import Refused
from review.rules.vocabulary import Act, Conclusion, Discipline, Meaning, Outcome, Role, State
from review.settings import DEMONSTRATION_PASSWORD
from tests.acts.conftest import CaseAt
from tests.acts.record import House
from tests.builders import LAB, memo, proposal

A, S = Act, State
INES, LENA = "ines.okafor@agency.example", "lena.haas@agency.example"
LEAD, RUTH = TEAM[Role.LEAD], TEAM[Role.SIGNATORY]
CYBER = ReviewOf(discipline=Discipline.CYBER)


def post(house: House, user: str, act: Act, given: Any = None, **more: Any) -> Any:
    return perform(house.office, house.world.people[user], act, house.play.case_id, given, **more)


def codes(caught: Any) -> list[str]:
    return [refusal.code for refusal in caught.value.refusals]


def concluded(house: House) -> House:
    house.play.conclude(Discipline.CYBER, sign=False)
    return house


def ready(
    house: House, user: str, act: Act, given: Any = None, password: str = DEMONSTRATION_PASSWORD
) -> Signing:
    """The record opened to be signed, with both components."""
    opened = prepare(house.office, house.world.people[user], act, house.play.case_id, given)
    return Signing(nonce=opened.nonce, user_id=user, password=password)


# One effect -------------------------------------------------------------------------------------


def test_the_same_key_and_body_have_one_effect_and_the_same_answer(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    first = post(house, LEAD, A.DRAFT_MEMO, memo(Outcome.APPROVE), key="k1")
    rows, entries = house.rows(), house.entries()
    again = post(house, LEAD, A.DRAFT_MEMO, memo(Outcome.APPROVE), key="k1")
    assert again.repeated and not first.repeated
    assert (again.index, again.case_id, again.result) == (first.index, first.case_id, first.result)
    assert (house.rows(), house.entries()) == (rows, entries)


def test_the_same_key_gives_the_first_answer_also_after_the_case_has_moved_on(case_at: CaseAt) -> None:
    house = case_at(S.DRAFT)
    first = post(house, LAB, A.WITHDRAW, Reason(reason="Put off."), key="k1")
    again = post(house, LAB, A.WITHDRAW, Reason(reason="Put off."), key="k1")
    assert again.index == first.index and house.state is S.WITHDRAWN


def test_the_same_key_with_another_body_is_left_to_the_person(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    post(house, LEAD, A.DRAFT_MEMO, memo(Outcome.APPROVE), key="k1")
    rows = house.rows()
    with pytest.raises(Conflict):
        post(house, LEAD, A.DRAFT_MEMO, memo(Outcome.RESTRICT), key="k1")
    assert house.rows() == rows


def test_keys_of_two_people_do_not_meet(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    one = post(house, INES, A.RECUSE, Reason(reason="A friend."), key="k1")
    other = post(house, LENA, A.RECUSE, Reason(reason="A friend."), key="k1")
    assert other.index > one.index and not other.repeated


def test_a_refused_act_uses_up_neither_key_nor_prepared_record(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    with pytest.raises(Refused):
        post(house, INES, A.RECUSE, Reason(reason=" "), key="k1")
    assert not post(house, INES, A.RECUSE, Reason(reason="A friend."), key="k1").repeated
    other = concluded(case_at(S.SUBSTANTIVE_REVIEW))
    opened = ready(other, INES, A.SIGN_REVIEW, CYBER)
    wrong = msgspec.structs.replace(opened, password="no")
    with pytest.raises(Refused):
        post(other, INES, A.SIGN_REVIEW, CYBER, signing_with=wrong, key="k1")
    assert not post(other, INES, A.SIGN_REVIEW, CYBER, signing_with=opened, key="k1").repeated


def test_a_signed_act_sent_twice_signs_once(case_at: CaseAt) -> None:
    house = concluded(case_at(S.SUBSTANTIVE_REVIEW))
    opened = ready(house, INES, A.SIGN_REVIEW, CYBER)
    first = post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=opened, key="k1")
    again = post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=opened, key="k1")
    assert again.repeated and again.index == first.index


def test_a_page_that_others_have_overtaken_changes_nothing(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    with house.office.database.reading() as conn:
        shown = newest_event(conn, house.play.case_id)
    post(house, LEAD, A.DRAFT_MEMO, memo(Outcome.APPROVE), expects=shown)
    rows = house.rows()
    with pytest.raises(Refused) as caught:
        post(house, LEAD, A.DRAFT_MEMO, memo(Outcome.RESTRICT), expects=shown)
    assert codes(caught) == ["stale"] and house.rows() == rows


# Signatures -------------------------------------------------------------------------------------


def test_a_signature_says_who_when_and_what_it_means(case_at: CaseAt) -> None:
    """21 CFR 11.50(a): printed name, date and time, meaning; 11.70: bound to the record that was shown."""
    house = concluded(case_at(S.SUBSTANTIVE_REVIEW))
    opened = prepare(house.office, house.world.people[INES], A.SIGN_REVIEW, house.play.case_id, CYBER)
    signing = Signing(nonce=opened.nonce, user_id=INES, password=DEMONSTRATION_PASSWORD)
    post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=signing)
    signature = house.facts.signatures[-1]
    assert (signature.printed_name, signature.user_id) == ("Ines Okafor", INES)
    assert (signature.meaning, signature.role) == (Meaning.REVIEW, Role.REVIEWER)
    assert timedelta() <= house.office.now() - signature.at < timedelta(minutes=1)
    kept = house.office.files.read(house.play.case_id, signature.record_sha256)
    assert kept == opened.record and signature.record_sha256 == opened.record_sha256
    said = msgspec.json.decode(kept)
    assert said["says"] == Meaning.REVIEW.sentence and said["signer"]["name"] == "Ines Okafor"
    assert canonical.digest(said["record"]["content"]) == signature.content_sha256
    assert house.facts.signed(signature.id)


def test_an_act_that_asks_for_a_signature_is_not_done_without(case_at: CaseAt) -> None:
    house = concluded(case_at(S.SUBSTANTIVE_REVIEW))
    with pytest.raises(Refused) as caught:
        post(house, INES, A.SIGN_REVIEW, CYBER)
    assert codes(caught) == ["signature"]


@pytest.mark.parametrize(
    "wrong", [{"password": "heron tern"}, {"user_id": LENA}, {"user_id": ""}, {"password": ""}]
)
def test_both_components_must_be_right(case_at: CaseAt, wrong: dict[str, str]) -> None:
    house = concluded(case_at(S.SUBSTANTIVE_REVIEW))
    signing = msgspec.structs.replace(ready(house, INES, A.SIGN_REVIEW, CYBER), **wrong)
    rows = house.rows()
    with pytest.raises(Refused) as caught:
        post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=signing)
    assert codes(caught) == ["signature"] and house.rows() == rows


def test_the_fifth_wrong_password_locks_the_account_for_a_quarter_of_an_hour(case_at: CaseAt) -> None:
    house = concluded(case_at(S.SUBSTANTIVE_REVIEW))
    signing = ready(house, INES, A.SIGN_REVIEW, CYBER)
    wrong = msgspec.structs.replace(signing, password="no")
    for _ in range(5):
        with pytest.raises(Refused, match="not right"):
            post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=wrong)
    with pytest.raises(Refused, match="locked"):
        post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=signing)
    house.world.clock.to(house.world.clock.at + timedelta(minutes=LOCK_MINUTES))
    post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=signing)


def test_four_wrong_passwords_and_a_right_one_begin_the_count_again(case_at: CaseAt) -> None:
    house = concluded(case_at(S.SUBSTANTIVE_REVIEW))
    for _ in range(2):
        signing = ready(house, INES, A.SIGN_REVIEW, CYBER)
        wrong = msgspec.structs.replace(signing, password="no")
        for _ in range(4):
            with pytest.raises(Refused, match="not right"):
                post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=wrong)
        post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=signing)


def test_a_text_that_changed_after_it_was_opened_is_not_signed(case_at: CaseAt) -> None:
    house = concluded(case_at(S.SUBSTANTIVE_REVIEW))
    signing = ready(house, INES, A.SIGN_REVIEW, CYBER)
    house.play.conclude(
        Discipline.CYBER, Conclusion.INSUFFICIENT_EVIDENCE, "More attempts are needed.", sign=False
    )
    house.play.finding(Discipline.CYBER, "Too few attempts.", ["EV-01"])
    with pytest.raises(Refused) as caught:
        post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=signing)
    assert codes(caught) == ["G-VERSION"]


@pytest.mark.parametrize("thief", [LENA, INES])
def test_an_opened_record_is_of_one_person_one_act_and_one_use(case_at: CaseAt, thief: str) -> None:
    house = concluded(case_at(S.SUBSTANTIVE_REVIEW))
    house.play.conclude(Discipline.CBRN, sign=False)
    signing = ready(house, INES, A.SIGN_REVIEW, CYBER)
    if thief == INES:
        post(house, INES, A.SIGN_REVIEW, CYBER, signing_with=signing)
    given = CYBER if thief == INES else ReviewOf(discipline=Discipline.CBRN)
    copied = msgspec.structs.replace(signing, user_id=thief)
    with pytest.raises(Refused) as caught:
        post(house, thief, A.SIGN_REVIEW, given, signing_with=copied)
    assert codes(caught) == ["G-VERSION"]


def test_a_signature_copied_to_another_record_does_not_hold(case_at: CaseAt) -> None:
    """21 CFR 11.70: signatures cannot be excised, copied or transferred."""
    f = case_at("ready to recommend").facts
    one, other = f.live_reviews[0], f.live_reviews[1]
    signature = next(s for s in f.signatures if s.id == one.signature_id)
    copied = msgspec.structs.replace(signature, id="copied", record_id=other.id)
    assert copied.id not in valid_signatures(msgspec.structs.replace(f, signatures=(copied,)))
    changed = msgspec.structs.replace(one, summary=one.summary + " Mostly.")
    reviews = (changed, *(r for r in f.reviews if r.id != one.id))
    assert signature.id not in valid_signatures(msgspec.structs.replace(f, reviews=reviews))


def test_a_change_after_signing_supersedes_the_signature_visibly_and_opens_the_quorum(
    case_at: CaseAt,
) -> None:
    house = case_at("ready to recommend")
    review = next(r for r in house.facts.live_reviews if r.discipline is Discipline.CYBER)
    house.play.finding(Discipline.CYBER, "One more thing.", ["EV-01"])
    signature = next(s for s in house.facts.signatures if s.id == review.signature_id)
    assert signature.superseded and not house.facts.signed(signature.id)
    with pytest.raises(Refused) as caught:
        house.do(LEAD, A.RECOMMEND)
    assert codes(caught) == ["quorum"]
    house.play.conclude(Discipline.CYBER)
    house.do(LEAD, A.RECOMMEND)
    house.verify()


def test_a_new_conclusion_supersedes_too_and_so_does_a_withdrawn_finding(case_at: CaseAt) -> None:
    house = case_at("ready to recommend")
    given = ReviewConclusion(discipline=Discipline.CYBER, conclusion=Conclusion.NO_CONCERN)
    house.do(INES, A.CONCLUDE_REVIEW, given)
    review = next(r for r in house.facts.live_reviews if r.discipline is Discipline.CYBER)
    assert review.signature_id is None
    assert [s.superseded for s in house.facts.signatures if s.record_id == review.id] != [None]


def test_a_memo_rewritten_after_a_return_is_signed_anew(case_at: CaseAt) -> None:
    house = case_at(S.RECOMMENDATION)
    first = house.facts.memo
    assert first is not None
    house.do(RUTH, A.RETURN_RECOMMENDATION, Reason(reason="State the interval."))
    house.do(LEAD, A.DRAFT_MEMO, MemoGiven(recommendation=Outcome.APPROVE, summary="With its interval."))
    assert not house.facts.signed(first.signature_id)
    house.do(LEAD, A.RECOMMEND)
    assert house.facts.memo is not None and house.facts.signed(house.facts.memo.signature_id)
    assert house.refused(RUTH, A.RETURN_RECOMMENDATION, Reason(reason="Again.")) == ["returned_once"]


def test_a_decision_edited_after_counsel_concurred_goes_back_to_counsel(case_at: CaseAt) -> None:
    house = case_at(S.DECISION_PENDING)
    changed = msgspec.structs.replace(proposal(Outcome.APPROVE), comparables_note="None was decided, again.")
    house.play.propose(A.DRAFT_DECISION, changed)
    with pytest.raises(Refused) as caught:
        house.do(RUTH, A.APPROVE)
    assert codes(caught) == ["counsel"]
    house.play.counsel("decision")
    house.do(RUTH, A.APPROVE)
    assert house.state is S.DECIDED_APPROVED


def test_bytes_that_changed_in_the_store_stop_a_decision(case_at: CaseAt) -> None:
    house = case_at("restriction pending")
    cited = house.facts.decisive[0].citations[0]
    stored = house.office.files.root / house.play.case_id / cited.sha256
    stored.write_bytes(stored.read_bytes() + b" ")
    opened = ready(house, RUTH, A.RESTRICT)
    with pytest.raises(Refused) as caught:
        post(house, RUTH, A.RESTRICT, signing_with=opened)
    assert set(codes(caught)) == {"findings_cite", "files_intact"}
    assert house.state is S.DECISION_PENDING


def test_a_prepared_record_enters_no_record(case_at: CaseAt) -> None:
    house = concluded(case_at(S.SUBSTANTIVE_REVIEW))
    rows, entries = house.rows(), house.entries()
    ready(house, INES, A.SIGN_REVIEW, CYBER)
    assert (house.rows(), house.entries()) == (rows, entries)
