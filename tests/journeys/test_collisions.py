"""Two windows, one case: nothing is written over, nothing happens twice."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.visitor import Visitor

AT_INTAKE = "FMR-2026-0009"
THEIRS = "The same uses as Tern 2, measured weaker in each domain."
MINE = "Smaller than Tern 2, for the same uses."
IN_REVIEW = "FMR-2026-0008"


def test_a_stale_draft_shows_both_versions_and_keeps_the_chosen_one(visit: Callable[..., Visitor]) -> None:
    """Two people of a lab write the same section; the later one chooses answer by answer."""
    first, second = (visit().enter() for _ in range(2))
    first.be("Milan Horak").task("Finish and sign the filing", "Kestrel Edge")
    second.be("Priya Raman").press("Filings").open_row("Draft").press("Filing")
    for v in (first, second):
        v.press("Cover sheet").press("Track")
    first.fill("Why this track", THEIRS).press("Save")
    second.expected_status.add(409)
    second.fill("Why this track", MINE).press("Save")
    second.sees("Milan Horak saved this section while you were writing", THEIRS, MINE)
    second.tick("Yours").press("Save the chosen answers")
    first.press("Desk").task("Finish and sign the filing", "Kestrel Edge").press("Cover sheet").press("Track")
    expect(first.page.get_by_label("Why this track", exact=True)).to_have_value(MINE)


def test_an_act_on_a_stale_page_changes_nothing(visit: Callable[..., Visitor]) -> None:
    """The case moved on while the page stood open: what happened is shown, the act is not done."""
    first, second = (visit().enter() for _ in range(2))
    first.be("Peter Lindgren").task("Screen the filing", AT_INTAKE)
    first.press("Answer the 21 open ones as the rules found")
    second.be("Peter Lindgren").task("Screen the filing", AT_INTAKE).sees("Accept the filing")
    first.press("Accept the filing").sees("Filing accepted")
    second.expected_status.add(409)
    second.press("Accept the filing").sees(
        "Not done: accept the filing", "Nothing changed.", "Screening is over"
    )


def test_a_form_sent_twice_has_one_effect(visit: Callable[..., Visitor]) -> None:
    """An impatient double click: the same finding is not written twice."""
    v = visit().enter()
    v.be("Ines Okafor").task("Write your Safeguards and security review", IN_REVIEW)
    v.page.get_by_role("checkbox", name="Cite").first.wait_for()
    v.fill("What you find", "Ten of 200 attempts get past the safeguards.").tick("Minor")
    v.fill("Uncertainty", "The interval is stated.").tick("Cite safeguard_bypass_attempts, accuracy")
    with v.page.expect_navigation(wait_until="load"):
        v.named("Save finding").dblclick()
    v.look().sees("F-SS-01")
    v.press("Review").sees("F-SS-01")
    assert "F-SS-02" not in v.text
