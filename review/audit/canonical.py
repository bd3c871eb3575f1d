"""Canonical bytes: one value has exactly one encoding, so that a digest stands for the value.

The form is JSON in UTF-8 without spaces: object keys sorted by code point, integers within +-(2^53 - 1),
strings, booleans, null, arrays and objects. There are no floats: a decimal number is a string. Text must
already be in Unicode normal form C; it is checked and never changed.
"""

import enum
import hashlib
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

LARGEST_INTEGER = 2**53 - 1
"""Every JSON reader keeps integers up to here exactly (RFC 7493, section 2.2)."""

_encoder = msgspec.json.Encoder(order="sorted")
_KEPT = (datetime, date, Decimal)


class NotCanonical(ValueError):
    """The value holds something that the record cannot keep; the message says what and where."""


def encode(value: object) -> bytes:
    """Encode a value (plain data, msgspec Structs, dates, UTC datetimes, Decimals) as canonical bytes.

    Raises:
        NotCanonical: for a float, a datetime outside UTC, text that is not in normal form C, an integer
            beyond 2^53 - 1, a key that is not text, or any other type.
    """
    return _encoder.encode(_plain(value, ""))


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(encode(value)).hexdigest()


def moment(value: datetime) -> str:
    """Write a UTC datetime as the ledger does: ``2026-11-24T19:57:32.000Z``.

    Digits below a millisecond are kept when there are any.

    Raises:
        NotCanonical: when the datetime has no zone or is not in UTC.
    """
    return _moment(value, "")


def _plain(value: Any, place: str) -> Any:
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _text(value, place)
    if kind is int:
        return _integer(value, place)
    if value is None or kind is bool:
        return value
    if kind is dict:
        return {_key(key, place): _plain(item, f"{place}/{key}") for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_plain(item, f"{place}/{at}") for at, item in enumerate(value)]
    return _converted(value, place)


def _converted(value: Any, place: str) -> Any:
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.to_builtins(value, builtin_types=_KEPT), place)
    if isinstance(value, enum.Enum):
        return _plain(value.value, place)
    if isinstance(value, datetime):
        return _moment(value, place)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return _decimal(value, place)
    if isinstance(value, str):
        return _text(str(value), place)
    raise NotCanonical(f"{place or '/'}: the record keeps no {type(value).__name__}")


def _text(value: str, place: str) -> str:
    if not unicodedata.is_normalized("NFC", value):
        raise NotCanonical(f"{place or '/'}: the text is not in Unicode normal form C")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise NotCanonical(f"{place or '/'}: the text holds half of a surrogate pair")
    return value


def _key(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise NotCanonical(f"{place or '/'}: the key {key!r} is not text")
    return _text(str(key), place)


def _integer(value: int, place: str) -> int:
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        raise NotCanonical(f"{place or '/'}: the integer is beyond 2^53 - 1")
    return value


def _decimal(value: Decimal, place: str) -> str:
    if not value.is_finite():
        raise NotCanonical(f"{place or '/'}: {value} is not a number")
    return format(value, "f")


def _moment(value: datetime, place: str) -> str:
    if value.utcoffset() != timedelta(0):
        raise NotCanonical(f"{place or '/'}: the time {value.isoformat()} is not in UTC")
    digits = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=digits) + "Z"
