"""The same work without script, and by keyboard alone."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.visitor import Visitor

NO_DEVELOPER = "Its developer asked not to be named."


def test_a_lab_fills_a_section_without_script(visit: Callable[..., Visitor]) -> None:
    """Rows are added and removed, a wrong answer keeps its text, and what cannot be given is said with a reason."""
    v = visit(script=False).enter()
    v.be("Milan Horak").task("Finish and sign the filing", "Kestrel Edge")
    v.press("Cover sheet").press("Track").press("Add a model")
    row = v.part("2 New model")
    v.fill("Model", "Lark 2", row).unfold("Developer", row).tick("Not disclosed", row)
    v.fill("Reason, shown to every reader", NO_DEVELOPER, row).tick("No", row).press("Save")
    row = v.part("2 Lark 2")
    expect(row.get_by_label("Reason, shown to every reader").filter(visible=True)).to_have_value(NO_DEVELOPER)

    v.press("Capability disclosure").press("B Architecture and training")
    v.expected_status.add(422)
    v.fill("B4 Training compute", "a great deal").press("Save")
    v.sees("One answer needs a change", "Everything you typed is still here.", "You gave a great deal.")
    expect(v.page.get_by_label("B4 Training compute")).to_have_value("a great deal")
    v.fill("B4 Training compute", "2.4e24").press("Save").sees("52 of 52")

    v.press("Cover sheet").press("Track").press("Remove", "2 Lark 2")
    expect(v.part("2 Lark 2")).to_have_count(0)
    v.press("Save").press("Kestrel Edge").sees("Nothing is missing")


def test_a_reviewer_gets_to_work_by_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    """The skip link comes first, focus is always seen, and the main act of a case is a few steps away."""
    v = visit().enter()
    v.page.keyboard.press("Tab")
    assert v.focused() == "Skip to the text"
    v.page.keyboard.press("Enter")
    expect(v.page.locator("#main")).to_be_focused()

    v.tab_to("Sign in").enter_key()
    v.tab_to("Ines Okafor").enter_key()
    v.who = "Ines Okafor"
    v.skip().tab_to("Continue review").enter_key().sees("Cyber review")
    v.skip().tab_to("Tern 2 Batch").enter_key()
    v.skip().tab_to("Write your Cyber review", most=12).enter_key().sees("Write a finding")
