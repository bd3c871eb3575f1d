"""Whatever text comes, the record can keep it; what it can keep already stays the very same."""

import msgspec
from hypothesis import given
from hypothesis import strategies as some

from review.audit import canonical
from review.audit.text import kept, kept_text
from review.rules.given import DeficiencyItem
from review.rules.vocabulary import Severity

anything = some.text(alphabet=some.characters())


@given(some.recursive(anything, lambda one: some.lists(one) | some.dictionaries(anything, one), max_leaves=8))
def test_any_text_can_be_kept_and_is_changed_once(value):
    once = kept(value)
    assert canonical.encode(once)
    assert kept(once) is once


def test_letters_line_ends_and_scripts_stay_and_what_is_not_seen_goes():
    assert kept_text("e\u0301 \u05e9\u05dc\u05d5\u05dd\n\tend") == "\u00e9 \u05e9\u05dc\u05d5\u05dd\n\tend"
    assert kept_text("a\x00b\u202ec\ud800d\x1b[31m\u2066") == "abcd[31m"


def test_typed_values_keep_their_types():
    item = DeficiencyItem(
        id="Q-1", provided="e\u0301", missing="m", basis="b", cure="c", severity=Severity.MAJOR
    )
    assert kept(item) == msgspec.structs.replace(item, provided="\u00e9")
    assert kept((item,))[0].severity is Severity.MAJOR
