"""One value, one encoding; and nothing goes into the record that could be read in two ways."""

import enum
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from review.audit import canonical

text = some.text(alphabet=some.characters(codec="utf-8")).map(
    lambda word: __import__("unicodedata").normalize("NFC", word)
)
values = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


class Color(enum.StrEnum):
    RED = "red"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    given_on: date
    color: Color = Color.RED


@given(values)
def test_what_is_encoded_comes_back(value):
    assert json.loads(canonical.encode(value)) == value


@given(values)
def test_the_encoding_is_that_of_a_sorted_json_encoder(value):
    expected = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert canonical.encode(value) == expected


@given(some.dictionaries(text, some.integers(0, 9), min_size=2))
def test_the_order_of_keys_does_not_matter(value):
    assert canonical.encode(dict(reversed(value.items()))) == canonical.encode(value)


def test_typed_values_become_plain_ones():
    answer = Answer(value="0.10", given_on=date(2026, 11, 24))
    assert canonical.encode(answer) == b'{"color":"red","given_on":"2026-11-24","value":"0.10"}'
    assert canonical.encode((Decimal("1E+2"), Color.RED)) == b'["100","red"]'


def test_times_are_utc_to_the_millisecond():
    at = datetime(2026, 11, 24, 19, 57, 32, tzinfo=UTC)
    assert canonical.moment(at) == "2026-11-24T19:57:32.000Z"
    assert canonical.encode([at.replace(microsecond=5)]) == b'["2026-11-24T19:57:32.000005Z"]'


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        float("nan"),
        {"share": 1.0},
        {1: "one"},
        2**53,
        -(2**53),
        "e\u0301",
        {"e\u0301": 1},
        "\ud800",
        b"bytes",
        {1, 2},
        Decimal("NaN"),
        datetime(2026, 11, 24),  # noqa: DTZ001
        datetime(2026, 11, 24, tzinfo=timezone(timedelta(hours=1))),
        object(),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(value):
    with pytest.raises(canonical.NotCanonical):
        canonical.encode(value)


def test_a_refusal_names_the_place():
    with pytest.raises(canonical.NotCanonical, match="/answers/1/share"):
        canonical.encode({"answers": [{}, {"share": 0.5}]})


def test_the_digest_is_the_hash_of_the_encoding():
    assert canonical.digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
