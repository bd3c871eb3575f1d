"""The instruments: the five regulatory forms that a lab fills, and how their answers are judged.

Read one with `load("safeguards", 1)`; ask it what is missing or wrong with `judge(answers)`.
Across forms, `missing` makes the one list that the to-do, the refusal to submit and the package check
share, and `checklist` the acceptance questions. Pure: no web, no database, no current time.
"""

from review.rules.instruments.acceptance import AcceptanceItem, Missing, checklist, missing
from review.rules.instruments.comparing import difference
from review.rules.instruments.evidence_rules import EvidenceSummary, summarize
from review.rules.instruments.instrument import CURRENT, Instrument, all_current, load, parse
from review.rules.instruments.linting import lint
from review.rules.instruments.reading import AnswerReading, RowReading, SectionReading, read, read_item
from review.rules.instruments.schema import json_schema
from review.rules.instruments.shape import (
    ANSWER_STATES,
    CONFIDENTIALITY_WORDS,
    Answer,
    Answers,
    Choice,
    Condition,
    Difference,
    Field,
    Filing,
    Gap,
    Problem,
    Progress,
    Section,
    is_empty,
    is_state,
    value_of,
)
from review.rules.instruments.visibility import Scope, holds, required, rows_of, visible
from review.rules.instruments.words import in_words, row_heading

__all__ = [
    "ANSWER_STATES",
    "CONFIDENTIALITY_WORDS",
    "CURRENT",
    "AcceptanceItem",
    "Answer",
    "AnswerReading",
    "Answers",
    "Choice",
    "Condition",
    "Difference",
    "EvidenceSummary",
    "Field",
    "Filing",
    "Gap",
    "Instrument",
    "Missing",
    "Problem",
    "Progress",
    "RowReading",
    "Scope",
    "Section",
    "SectionReading",
    "all_current",
    "checklist",
    "difference",
    "holds",
    "in_words",
    "is_empty",
    "is_state",
    "json_schema",
    "lint",
    "load",
    "missing",
    "parse",
    "read",
    "read_item",
    "required",
    "row_heading",
    "rows_of",
    "summarize",
    "value_of",
    "visible",
]
