"""Bringing another schema's document into our forms, by a mapping file that anyone can read.

A mapping says, for each statement of the source, which answer it becomes and how its words translate. Answers
that the source does not hold become *not disclosed* with one stated reason, save those that must have a value:
for these the mapping states a default and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from review.rules.entities import FurtherStatement
from review.rules.instruments import Answer, Field, Filing, Instrument, all_current, is_state, load

FOLDER = Path(__file__).resolve().parents[2] / "forms" / "mappings"


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One statement of the source (`from`, a dotted path) and the answer it becomes (`to`)."""

    source: str = msgspec.field(name="from", default="")
    to: str
    words: dict[str, str] = {}
    value: Answer = None
    state: str = ""
    reason: str = ""
    when: str = ""


class EvidenceRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One attribute of the source's evidence items and the attribute of ours that it becomes."""

    source: str = msgspec.field(name="from", default="")
    to: str
    words: dict[str, str] = {}
    otherwise: str = ""


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping file. `domains` names our claim section for each domain word of the source."""

    schema: str
    silent_reason: str
    values: tuple[Rule, ...]
    domains: dict[str, str] = {}
    evidence: tuple[EvidenceRule, ...] = ()


class Mapped(msgspec.Struct, frozen=True, kw_only=True):
    """What came out: answers, evidence items as plain mappings, and what has no field."""

    answers: Filing
    evidence: tuple[dict[str, Any], ...] = ()
    further_statements: tuple[FurtherStatement, ...] = ()
    submitter_notes: tuple[str, ...] = ()


def load_mapping(name: str) -> Mapping:
    """A mapping file of `forms/mappings`. Raises msgspec.ValidationError for a malformed one."""
    return msgspec.convert(yaml.safe_load((FOLDER / name).read_text("utf-8")), Mapping)


def apply_mapping(mapping: Mapping, document: dict[str, Any]) -> Mapped:
    """The document as answers of our forms. Nothing of it is lost: the rest becomes further statements."""
    filing: Filing = {instrument.name: {} for instrument in all_current()}
    used = {rule.source for rule in mapping.values if rule.source}
    for rule in mapping.values:
        answer = _answer(rule, document, mapping.silent_reason)
        if answer is not None:
            _put(filing, rule.to, answer)
    for entry in _entries(document, "capability_domains"):
        _claim(filing, mapping, entry)
    answer_what_is_silent(filing, mapping.silent_reason)
    notes = document.get("gaps_a_reviewer_should_raise")
    return Mapped(
        answers=filing,
        evidence=tuple(_evidence(mapping, each) for each in _entries(document, "evidence")),
        further_statements=tuple(_statements(document, used)),
        submitter_notes=tuple(str(note) for note in notes) if isinstance(notes, list) else (),
    )


def _entries(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    held = document.get(key)
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


def _look(document: Any, path: str) -> Any:
    for part in path.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document


def _answer(rule: Rule, document: dict[str, Any], silent: str) -> Answer:
    if rule.when and not _mentions(_look(document, rule.when)):
        return None
    if rule.state:
        return {"state": rule.state, "reason": rule.reason or silent}
    if not rule.source:
        return rule.value
    statement = _look(document, rule.source)
    if not isinstance(statement, dict):
        return None
    if statement.get("status") == "not_disclosed" or statement.get("value") is None:
        return {"state": "NOT_DISCLOSED", "reason": str(statement.get("note") or silent)}
    if not _mentions(statement):
        return None
    return rule.value if rule.value is not None else _translated(rule, statement["value"])


def _mentions(statement: Any) -> bool:
    return isinstance(statement, dict) and statement.get("value") not in (None, "", [])


def _translated(rule: Rule, value: Any) -> Answer:
    field = _field(rule.to)
    if field.type == "multi_choice":
        words = value if isinstance(value, list) else [value]
        return [rule.words.get(str(word), "OTHER") for word in words]
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return rule.words.get(str(value), str(value))


def _field(place: str) -> Field:
    instrument, section, key = place.split("/")
    return load(instrument, 1).section(section).field(key)


def _put(filing: Filing, place: str, answer: Answer) -> None:
    instrument, section, key = place.split("/")
    filing[instrument].setdefault(section, {})[key] = json.loads(json.dumps(answer))


def _claim(filing: Filing, mapping: Mapping, entry: dict[str, Any]) -> None:
    """The source states results, not tiers: the tier is not disclosed, and the source's own words say why."""
    section = mapping.domains.get(str(entry.get("domain")))
    if section is None:
        return
    held = entry.get("result")
    result = held if isinstance(held, dict) else {"value": held}
    told = [str(result.get("value") or ""), str(result.get("note") or "")]
    reason = ". ".join(part for part in told if part)
    state = {
        "state": "NOT_DISCLOSED",
        "reason": f"No tier is stated. The material says: {reason}." if reason else mapping.silent_reason,
    }
    for key in ("tier_elicited_claim", "tier_residual_claim", "status"):
        filing["capability_disclosure"].setdefault(section, {})[key] = dict(state)


def answer_what_is_silent(filing: Filing, reason: str) -> None:
    """Every required answer that the source lacks becomes *not disclosed*; those that must have a value stay
    missing. Repeated until nothing more is asked, as answers bring questions."""
    for instrument in all_current():
        for _ in range(5):
            if not _fill(instrument, filing, reason):
                break


def _fill(instrument: Instrument, filing: Filing, reason: str) -> bool:
    answers = filing.setdefault(instrument.name, {})
    open_places = [
        problem
        for problem in instrument.judge(answers, filing)
        if problem.code == "missing" and not _must_have(instrument, problem.section, problem.field)
    ]
    for problem in open_places:
        holder, key = _holder(answers.setdefault(problem.section, {}), problem.field)
        holder[key] = {"state": "NOT_DISCLOSED", "reason": reason}
    return bool(open_places)


def _must_have(instrument: Instrument, section: str, place: str) -> bool:
    return "-" not in place and instrument.section(section).field(place).must_have_value


def _holder(answers: dict[str, Answer], place: str) -> tuple[dict[str, Answer], str]:
    """Where an answer lives: in the section, or in a row reached by `key-row-key`."""
    parts = place.split("-")
    while len(parts) > 2:
        rows = answers[parts[0]]
        answers = next(row["answers"] for row in rows if row["id"] == parts[1])
        parts = parts[2:]
    return answers, parts[0]


def _evidence(mapping: Mapping, given: dict[str, Any]) -> dict[str, Any]:
    attributes: dict[str, Answer] = {}
    for rule in mapping.evidence:
        said = given.get(rule.source) if rule.source else None
        word = rule.words.get(str(said)) if rule.words else said
        answer = word if word is not None else (rule.otherwise or None)
        if answer is not None:
            attributes[rule.to] = str(answer) if not isinstance(answer, (bool, list, dict)) else answer
    instrument = load("evaluation_evidence", 1)
    for _ in range(3):
        for problem in instrument.judge_section("item", attributes):
            if problem.code == "missing":
                attributes[problem.field] = {"state": "NOT_DISCLOSED", "reason": mapping.silent_reason}
    return {**given, "attributes": attributes}


def _statements(document: dict[str, Any], used: set[str]) -> Iterator[FurtherStatement]:
    """Everything that the source states and no field holds, in its own words, with its source."""
    for path, held in _walk("", document):
        if path.split(".")[0].split("[")[0] in (
            "schema",
            "composed",
            "evidence",
            "gaps_a_reviewer_should_raise",
        ):
            continue
        if path in used or is_state(held):
            continue
        yield FurtherStatement(
            path=path,
            text=_in_words(held),
            source=str(held.get("source") or held.get("seen_in") or ""),
            status=str(held.get("status") or ""),
        )


def _walk(path: str, held: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The statements of a document: the mappings that say something, not those that only group others."""
    if isinstance(held, dict) and {"value", "status", "domain", "benchmark"} & set(held):
        yield path, held
    elif isinstance(held, dict):
        for key, inner in held.items():
            yield from _walk(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(held, list):
        for number, inner in enumerate(held):
            yield from _walk(f"{path}[{number}]", inner)


def _in_words(held: dict[str, Any]) -> str:
    """One statement as a line: its own keys and values, without status and source, which stand beside it."""
    parts = []
    for key, value in held.items():
        if key in ("status", "source", "seen_in") or value is None:
            continue
        if isinstance(value, dict):
            value = _in_words(value)
        elif isinstance(value, list):
            value = ", ".join(str(each) for each in value)
        elif isinstance(value, bool):
            value = "yes" if value else "no"
        if value != "":
            parts.append(str(value) if key == "value" else f"{key.replace('_', ' ')}: {value}")
    return "; ".join(parts)
