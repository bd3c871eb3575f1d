"""Text as the record can keep it, from wherever it comes: forms, file names, files that a reader read.

The canonical form refuses what is not in Unicode normal form C (canonical.py). People and files bring such text: a
file name from a Mac, a word pasted from a PDF. It is made one here, before anybody signs it, and what cannot be seen
but changes what is seen goes: control characters, half surrogate pairs, and the characters that turn the order of
reading around, which hide in signed text what it says (Unicode Technical Report 36, section 2.5).
"""

import enum
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Tab and line ends stay."""


def kept_text(text: str) -> str:
    """A text in normal form C, without what nobody sees."""
    return unicodedata.normalize("NFC", UNSEEN.sub("", text))


def kept(value: T) -> T:
    """The same value with every text in it, keys too, as the record keeps it; the very same when nothing changes."""
    found: Any = _kept(value)
    return value if found is value else found  # type: ignore[no-any-return]


def _kept(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value
    if isinstance(value, str):
        changed = kept_text(value)
        return value if changed == value else changed
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        changes = {name: new for name, old in fields.items() if (new := _kept(old)) is not old}
        return msgspec.structs.replace(value, **changes) if changes else value
    if isinstance(value, Mapping):
        pairs = {_kept(key): _kept(each) for key, each in value.items()}
        same = all(new is old for new, old in zip(pairs.values(), value.values(), strict=False))
        return value if same and list(pairs) == list(value) else pairs
    if isinstance(value, list | tuple):
        items = [_kept(each) for each in value]
        return value if all(a is b for a, b in zip(items, value, strict=True)) else type(value)(items)
    return value
