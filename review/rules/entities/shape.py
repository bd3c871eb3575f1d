"""The two kinds of value that records are made of."""

from typing import Any, ClassVar

import msgspec

Answers = dict[str, Any]
"""Answers of one instrument: section key -> field key -> value, answer state or rows."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a record."""


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A regulated record. `kind` and `schema` name its shape in the ledger."""

    kind: ClassVar[str] = ""
    schema: ClassVar[int] = 1
    id: str
