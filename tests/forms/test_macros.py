"""The macros of instrument fields and answers, rendered with the environment that pages use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from forms.from_instrument import section_form
from review.printing.environment import make_environment
from review.rules.instruments import all_current, load, read

ROOT = Path(__file__).resolve().parents[2]
FORM = """{% from "components/fields.html" import section_fields, default_action %}{{ default_action() }}{{ section_fields(form) }}"""
ANSWERS = """{% from "components/answers.html" import answered_section %}{{ answered_section(section) }}"""


def shown(name: str, section: str, answers: dict[str, Any]) -> str:
    instrument = load(name, 1)
    form = section_form(instrument, section)(None, data=answers)
    form.arrange(instrument.scope(section, {section: answers}), instrument.judge_section(section, answers))
    return make_environment(ROOT / "templates").from_string(FORM).render(form=form)


def told(name: str, section: str, answers: dict[str, Any]) -> str:
    instrument = load(name, 1)
    reading = next(each for each in read(instrument, {section: answers}) if each.key == section)
    return make_environment(ROOT / "templates").from_string(ANSWERS).render(section=reading)


@pytest.mark.parametrize("name", [instrument.name for instrument in all_current()])
def test_every_id_is_unique_and_every_reference_has_its_target(name: str) -> None:
    for section in load(name, 1).sections:
        html = re.sub(r"<template.*?</template>", "", shown(name, section.key, {}), flags=re.DOTALL)
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), section.key
        targets = " ".join(re.findall(r'aria-describedby="([^"]+)"', html)).split()
        assert set(targets) <= set(ids)
        assert set(re.findall(r'<label[^>]* for="([^"]+)"', html)) <= set(ids)


def test_a_page_carries_no_inline_style_or_script() -> None:
    html = shown("safeguards", "S2", {"jailbreaks": [{"id": "r1", "answers": {}}]})
    assert not re.search(r"\bstyle=|<script|\bon[a-z]+=", html)


def test_an_answer_state_opens_its_block_and_keeps_the_value() -> None:
    answers = {"languages": {"state": "UNKNOWN", "reason": "Not decided.", "kept": "English"}}
    html = shown("capability_disclosure", "B", answers)
    assert '<details class="cannot" open>' in html
    assert 'value="English"' in html
    assert "Not decided." in html


def test_a_question_that_must_have_a_value_offers_no_way_out() -> None:
    assert "model_name-state" not in shown("cover_sheet", "model", {})


def test_rows_can_be_added_and_removed_without_script() -> None:
    html = shown("safeguards", "S2", {"jailbreaks": [{"id": "r1", "answers": {"name": "Long drift"}}]})
    assert 'name="action" value="add:jailbreaks"' in html
    assert 'name="action" value="remove:jailbreaks:r1"' in html
    assert "1 Long drift" in html


def test_hidden_questions_are_on_the_page_so_that_nothing_is_lost() -> None:
    html = shown("cover_sheet", "track", {"track": "FULL", "predicate": "Tern 2"})
    assert 'value="Tern 2"' in html
    assert re.search(r'<div class="because" data-when="[^"]+" hidden>', html)


def test_answers_are_read_in_words_with_gap_marks() -> None:
    answers = {
        "track": "COMPARABLE",
        "predicate": {"state": "UNKNOWN", "reason": "The docket is not public."},
        "comparators": [],
        "track_justification": "First.\n\nSecond <b>.",
    }
    html = told("cover_sheet", "track", answers)
    assert "Comparable to an authorized model" in html
    assert '<span class="gap-mark">Gap</span> <b>Unknown.</b> The docket is not public.' in html
    assert "None known" in html
    assert "Second &lt;b&gt;." in html
