"""Forms made from instruments: they parse and render, lose nothing and judge nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from forms.from_instrument import apply_action, posted_by, section_form
from review.rules.instruments import ANSWER_STATES, Field, Instrument, Section, all_current, load

SECTIONS = [(instrument, section) for instrument in all_current() for section in instrument.sections]


class Posted:
    """What a browser sends, as every web framework hands it over."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs

    def getlist(self, key: str) -> list[str]:
        return [value for name, value in self.pairs if name == key]

    def __contains__(self, key: object) -> bool:
        return any(name == key for name, _ in self.pairs)

    def __iter__(self) -> Any:
        return iter({name for name, _ in self.pairs})

    def __len__(self) -> int:
        return len({name for name, _ in self.pairs})


def parsed(instrument: Instrument, section: str, pairs: list[tuple[str, str]], draft: Any = None) -> Any:
    return section_form(instrument, section)(Posted(pairs), data=draft or {}).answers()


def form_of(instrument: Instrument, section: str, answers: dict[str, Any]) -> Any:
    form = section_form(instrument, section)(None, data=answers)
    scope = instrument.scope(section, {section: answers})
    form.arrange(scope, instrument.judge_section(section, answers), [("EV-01", "EV-01 Range")])
    return form


# Round trip ---------------------------------------------------------------------------------------

LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
LONG = st.lists(LINE, min_size=1, max_size=3).map("\n\n".join)
ROW_IDS = st.lists(st.from_regex(r"r[0-9a-f]{1,8}", fullmatch=True), min_size=1, max_size=3, unique=True)


def values(field: Field) -> st.SearchStrategy[Any]:
    """Right and wrong answers alike: whatever was typed must come back."""
    words = [choice.value for choice in field.choices]
    match field.type:
        case "boolean":
            return st.booleans() | st.just("perhaps")
        case "multi_choice":
            return st.lists(st.sampled_from([*words, "AN_OLD_WORD"]), min_size=1, unique=True)
        case "evidence" | "file":
            return st.lists(st.sampled_from(["EV-01", "EV-02"]), min_size=1, unique=True)
        case "choice":
            return st.sampled_from([*words, "AN_OLD_WORD"])
        case "long_text":
            return LONG
        case "rows":
            filled = ROW_IDS.flatmap(
                lambda ids: st.tuples(*(rows(field, row_id) for row_id in ids)).map(list)
            )
            return filled | st.just([]) if field.none_label else filled
        case _:
            return LINE


def rows(field: Field, row_id: str) -> st.SearchStrategy[dict[str, Any]]:
    return sections(field.fields).map(lambda answers: {"id": row_id, "answers": answers})


def states(field: Field) -> st.SearchStrategy[Any]:
    words = st.sampled_from([*ANSWER_STATES, ""])
    bare = st.builds(lambda state, reason: {"state": state, "reason": reason}, words, LONG)
    return bare | st.builds(lambda state, kept: {**state, "kept": kept}, bare, values(field))


def sections(fields: tuple[Field, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={field.key: values(field) | states(field) for field in fields})


@pytest.mark.parametrize(("instrument", "section"), SECTIONS, ids=lambda each: getattr(each, "key", ""))
def test_what_was_typed_comes_back(instrument: Instrument, section: Section) -> None:
    @settings(max_examples=8, deadline=None)
    @given(sections(section.fields))
    def comes_back(answers: dict[str, Any]) -> None:
        assert parsed(instrument, section.key, posted_by(section, answers)) == answers

    comes_back()


def test_a_question_that_was_not_on_the_page_keeps_its_draft() -> None:
    draft = {"estimate_note": "Kept", "affordances": ["TOOLS"]}
    pairs = [("max_context_tokens-asked", "1"), ("max_context_tokens", "abc")]
    assert parsed(load("capability_disclosure", 1), "B", pairs, draft) == {
        **draft,
        "max_context_tokens": "abc",
    }


def test_a_question_that_was_emptied_is_emptied() -> None:
    pairs = [("affordances-asked", "1"), ("languages-asked", "1"), ("languages", "  ")]
    draft = {"affordances": ["TOOLS"], "languages": "English"}
    assert parsed(load("capability_disclosure", 1), "B", pairs, draft) == {}


def test_a_browser_s_line_ends_become_plain_ones() -> None:
    pairs = [("planned_changes-asked", "1"), ("planned_changes", "One\r\n\r\nTwo")]
    assert parsed(load("capability_disclosure", 1), "I", pairs) == {"planned_changes": "One\n\nTwo"}


def test_rows_with_ids_that_nobody_gave_out_are_ignored() -> None:
    pairs = [("jailbreaks-asked", "1"), ("jailbreaks-rows", "../../etc"), ("jailbreaks-rows", "r1")]
    assert parsed(load("safeguards", 1), "S2", pairs) == {"jailbreaks": [{"id": "r1", "answers": {}}]}


# Rows without script ------------------------------------------------------------------------------

DRAFT = {"jailbreaks": [{"id": "r1", "answers": {"name": "One"}}, {"id": "r2", "answers": {"name": "Two"}}]}


def test_a_row_is_added_by_a_button_and_gets_the_focus() -> None:
    section = load("safeguards", 1).section("S2")
    answers, focus = apply_action(section, DRAFT, "add:jailbreaks")
    assert answers["jailbreaks"][:2] == DRAFT["jailbreaks"]
    assert focus == f"jailbreaks-{answers['jailbreaks'][2]['id']}"
    assert len(DRAFT["jailbreaks"]) == 2


def test_a_row_inside_a_row_is_added() -> None:
    section = load("safeguards", 1).section("S2")
    answers, focus = apply_action(section, DRAFT, "add:jailbreaks-r2-cross_model_tests")
    inner = answers["jailbreaks"][1]["answers"]["cross_model_tests"]
    assert focus == f"jailbreaks-r2-cross_model_tests-{inner[0]['id']}"


def test_a_row_is_removed_by_its_id_and_the_others_stay() -> None:
    answers, _ = apply_action(load("safeguards", 1).section("S2"), DRAFT, "remove:jailbreaks:r1")
    assert answers == {"jailbreaks": [DRAFT["jailbreaks"][1]]}


@pytest.mark.parametrize(
    "action", ["remove:jailbreaks:r9", "add:name", "add:jailbreaks-r9-x", "sell:jailbreaks", ""]
)
def test_an_action_that_names_nothing_is_refused(action: str) -> None:
    with pytest.raises(ValueError, match="called|no such"):
        apply_action(load("safeguards", 1).section("S2"), DRAFT, action)


# Rendering ----------------------------------------------------------------------------------------


def test_a_wrong_value_stays_in_its_control() -> None:
    form = form_of(
        load("capability_disclosure", 1), "B", {"training_data_cutoff": "2023-13", "languages": 'a"b<c'}
    )
    assert 'value="2023-13"' in form.training_data_cutoff()
    assert 'type="text"' in form.training_data_cutoff()
    assert "a&#34;b&lt;c" in form.languages()


def test_an_error_is_tied_to_its_control() -> None:
    control = form_of(
        load("capability_disclosure", 1), "B", {"max_context_tokens": "1,000"}
    ).max_context_tokens()
    assert 'aria-describedby="max_context_tokens-problem"' in control
    assert 'aria-invalid="true"' in control


def test_four_choices_are_radio_buttons_and_more_are_a_list() -> None:
    assert 'type="radio"' in form_of(load("capability_disclosure", 1), "C_CYBER", {}).status()
    assert "<select" in form_of(load("capability_disclosure", 1), "C_CYBER", {}).tier_elicited_claim()


def test_a_word_that_left_the_list_is_still_shown() -> None:
    form = form_of(
        load("deployment_plan", 1), "P4", {"geography_rule": "OLD", "geography_method": ["IP", "OLD"]}
    )
    assert "OLD (not in the list)" in form.geography_rule()
    assert "OLD (not in the list)" in form.geography_method()


def test_conditional_questions_stand_under_their_cause() -> None:
    instrument = load("capability_disclosure", 1)
    shown = [
        group
        for group in form_of(instrument, "C_CYBER", {"tier_elicited_claim": "2"}).groups()
        if group.because
    ]
    hidden = [
        group
        for group in form_of(instrument, "C_CYBER", {"tier_elicited_claim": "1"}).groups()
        if group.because
    ]
    assert [group.because for group in shown] == ["Because the tier is 2 or higher"] * 2
    assert all(group.visible for group in shown)
    assert not any(group.visible for group in hidden)


def test_every_section_renders_markup_and_no_style() -> None:
    for instrument, section in SECTIONS:
        for field in form_of(instrument, section.key, {}).questions():
            if field.question.type != "rows":
                control = field()
                assert isinstance(control, Markup)
                assert "style=" not in control
                assert "onclick" not in control


def test_form_classes_are_kept() -> None:
    assert section_form(load("safeguards", 1), "S1") is section_form(load("safeguards", 1), "S1")
