"""What a lab answers through the pages: the question that stops the clock, and the notice."""

from review.rules.vocabulary import State
from tests.builders import LAB, OTHER_LAB, World
from tests.web.lab_browser import Browser, words


def held(world: World) -> tuple[Browser, str]:
    case_id = world.in_state(State.INFORMATION_REQUEST_HOLD).case_id
    browser = Browser(world, LAB)
    browser.get(f"/cases/{case_id}/questions")
    return browser, case_id


def test_answers_are_saved_and_the_clock_stays_held_until_they_are_sent(world: World) -> None:
    browser, case_id = held(world)
    answers = f"/cases/{case_id}/questions/answers"
    browser.send(answers, {"answer-Q-1": "0.41 over 200 tasks.", "evidence-Q-1": "EV-01", "action": "save"})
    page = browser.follow()
    assert "1 of 1 items answered" in words(page) and "0.41 over 200 tasks." in page
    assert world.play(LAB, case_id).case.state is State.INFORMATION_REQUEST_HOLD
    browser.send(answers, {"action": "send"})
    play = world.play(LAB, case_id)
    assert play.case.state is State.SUBSTANTIVE_REVIEW
    item = play.facts().requests[-1].items[0]
    assert (item.answer, item.evidence) == ("0.41 over 200 tasks.", ("EV-01",))


def test_sending_without_an_answer_is_refused(world: World) -> None:
    browser, case_id = held(world)
    page = browser.send(f"/cases/{case_id}/questions/answers", {"action": "send"}, 422)
    assert "1 of 1 items have no answer yet." in words(page)
    assert world.play(LAB, case_id).case.state is State.INFORMATION_REQUEST_HOLD


def test_to_say_why_one_cannot_counts_as_an_answer(world: World) -> None:
    browser, case_id = held(world)
    sent = {"cannot-Q-1": "The range has closed.", "action": "send"}
    browser.send(f"/cases/{case_id}/questions/answers", sent)
    assert world.play(LAB, case_id).case.state is State.SUBSTANTIVE_REVIEW


def test_evidence_is_added_in_answer_to_a_question(world: World) -> None:
    browser, case_id = held(world)
    page = words(browser.get(f"/cases/{case_id}/filing/evidence"))
    assert "added in answer to IR-01" in page and "Add evidence" in page


def test_a_point_is_added_and_sent(world: World) -> None:
    case_id = world.in_state(State.LAB_RESPONSE_WINDOW).case_id
    browser = Browser(world, LAB)
    page = browser.get(f"/cases/{case_id}/decision")
    assert "Access stays within tier T1" in words(page)
    answer = f"/cases/{case_id}/decision/answer"
    page = browser.send(answer, {"point": ["The gate covers this.", "It is tested."], "action": "add"}, 200)
    assert 'id="point-3"' in page and "It is tested." in page
    browser.send(answer, {"action": "respond", "offered_conditions": "A monthly report."})
    notice = world.play(LAB, case_id).facts().last_notice
    assert notice is not None
    assert [point.text for point in notice.points] == ["The gate covers this.", "It is tested."]
    assert notice.offered_conditions == "A monthly report."


def test_an_empty_response_is_refused_and_a_waiver_is_not(world: World) -> None:
    case_id = world.in_state(State.LAB_RESPONSE_WINDOW).case_id
    browser = Browser(world, LAB)
    browser.get(f"/cases/{case_id}/decision")
    answer = f"/cases/{case_id}/decision/answer"
    page = browser.send(answer, {"action": "respond", "offered_conditions": "A report."}, 422)
    assert "Give at least one point, or waive the response." in words(page) and "A report." in page
    browser.send(answer, {"action": "waive"})
    assert world.play(LAB, case_id).case.state is State.DECISION_PENDING


def test_the_decision_is_read_with_reasons_conditions_and_authorization(world: World) -> None:
    case_id = world.in_state(State.DECIDED_RESTRICTED).case_id
    page = words(Browser(world, LAB).get(f"/cases/{case_id}/decision"))
    for part in ("Decision DEC-", "Facts found", "Access stays within tier T1", "Authorization AUTH-"):
        assert part in page
    assert "Reviewer A" in words(Browser(world, LAB).get(f"/cases/{case_id}/record"))


def test_before_the_decision_the_lab_reads_nothing_of_what_the_agency_writes(world: World) -> None:
    case_id = world.in_state(State.DECISION_PENDING).case_id
    browser = Browser(world, LAB)
    for place in ("", "/decision", "/record", "/questions", "/filing"):
        page = words(browser.get(f"/cases/{case_id}{place}"))
        assert "Ines Okafor" not in page and "Daniel Reyes" not in page and "six reviews agree" not in page


def test_another_lab_cannot_answer(world: World) -> None:
    _, case_id = held(world)
    other = Browser(world, OTHER_LAB)
    sent = {"csrf_token": other.csrf(), "answer-Q-1": "Mine", "action": "send"}
    other.post(f"/cases/{case_id}/questions/answers", sent, 404)
    other.post(f"/cases/{case_id}/decision/answer", {"csrf_token": other.csrf(), "action": "waive"}, 404)


def test_a_colleagues_answer_is_not_written_over_by_an_older_page(world: World) -> None:
    case_id = held(world)[1]
    answers = f"/cases/{case_id}/questions/answers"
    older, colleague = Browser(world, LAB), Browser(world, LAB)
    older.get(f"/cases/{case_id}/questions")
    untouched = Browser(world, LAB)
    untouched.get(f"/cases/{case_id}/questions")
    colleague.get(f"/cases/{case_id}/questions")
    colleague.send(answers, {"answer-Q-1": "0.41 over 200 tasks.", "action": "save"})
    untouched.send(answers, {"action": "save"})
    page = older.send(answers, {"answer-Q-1": "0.40.", "action": "save"}, 409)
    assert "A colleague answered item 1" in words(page) and "“0.41 over 200 tasks.”" in words(page)
    assert "0.40." in page
    assert world.play(LAB, case_id).facts().requests[-1].items[0].answer == "0.41 over 200 tasks."
    older.send(answers, {"action": "save"})
    assert world.play(LAB, case_id).facts().requests[-1].items[0].answer == "0.40."


def test_going_for_evidence_keeps_what_was_typed(world: World) -> None:
    browser, case_id = held(world)
    sent = {"answer-Q-1": "A new run follows.", "action": "evidence"}
    browser.send(f"/cases/{case_id}/questions/answers", sent)
    assert browser.last is not None and browser.last.headers["Location"].endswith("/filing/evidence")
    assert world.play(LAB, case_id).facts().requests[-1].items[0].answer == "A new run follows."
