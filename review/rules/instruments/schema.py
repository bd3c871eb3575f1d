"""The JSON Schema (2020-12) of one instrument's answers, for those who file by program."""

from __future__ import annotations

from typing import Any

from review.rules.instruments.instrument import Instrument
from review.rules.instruments.shape import ANSWER_STATES, Field, Section
from review.rules.instruments.values import MONTH, NUMBER, WHOLE

STATE = {
    "type": "object",
    "properties": {
        "state": {"enum": list(ANSWER_STATES)},
        "reason": {"type": "string", "minLength": 1},
    },
    "required": ["state", "reason"],
    "additionalProperties": False,
}


def json_schema(instrument: Instrument) -> dict[str, Any]:
    """A schema of the filed answers. Conditions are told in `x-visible-when`; the rules judge them."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:model-review:instrument:{instrument.name}:{instrument.version}",
        "title": instrument.title,
        "type": "object",
        "properties": {section.key: _section(section) for section in instrument.sections},
        "additionalProperties": False,
        "$defs": {"answer_state": STATE},
    }


def _section(section: Section) -> dict[str, Any]:
    return {"title": section.title, **_questions(section.fields)}


def _questions(fields: tuple[Field, ...]) -> dict[str, Any]:
    always = [field.key for field in fields if field.required and field.visible_when is None]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field.key: _field(field) for field in fields},
        "additionalProperties": False,
    }
    return {**schema, "required": always} if always else schema


def _field(field: Field) -> dict[str, Any]:
    value = _value(field)
    schema: dict[str, Any] = (
        value if field.must_have_value else {"anyOf": [value, {"$ref": "#/$defs/answer_state"}]}
    )
    schema = {"title": field.title, **schema, "x-confidentiality": field.confidentiality}
    if field.help:
        schema["description"] = field.help
    if field.unit:
        schema["x-unit"] = field.unit
    if field.visible_when is not None:
        schema["x-visible-when"] = sorted(set(field.visible_when.fields()))
    return schema


def _value(field: Field) -> dict[str, Any]:
    words = [choice.value for choice in field.choices]
    match field.type:
        case "rows":
            row = {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "pattern": "^r[0-9a-f]{1,16}$"},
                    "answers": _questions(field.fields),
                },
                "required": ["id", "answers"],
                "additionalProperties": False,
            }
            return {"type": "array", "items": row, "minItems": 0 if field.none_label else 1}
        case "multi_choice":
            return {"type": "array", "items": {"enum": words}, "uniqueItems": True, "minItems": 1}
        case "evidence" | "file":
            return {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
        case "choice":
            return {"enum": words}
        case "boolean":
            return {"type": "boolean"}
        case "date":
            return {"type": "string", "format": "date"}
        case "month":
            return {"type": "string", "pattern": f"^{MONTH.pattern}$"}
        case "integer":
            return {"type": "string", "pattern": f"^{WHOLE.pattern}$"}
        case "number":
            return {"type": "string", "pattern": f"^{NUMBER.pattern}$"}
        case _:
            return {"type": "string", "minLength": 1, **({"pattern": field.pattern} if field.pattern else {})}
