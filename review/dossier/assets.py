"""What the paper is made with: our own style sheet and fonts, in memory, under names that nothing else knows."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FONTS = {
    "public-sans": "vendor/uswds/fonts/public-sans/PublicSans-{}.woff2",
    "roboto-mono": "vendor/uswds/fonts/roboto-mono/roboto-mono-v5-latin-{}.woff2",
}
NAMES = (
    "css/paper.css",
    *(FONTS["public-sans"].format(weight) for weight in ("Regular", "Italic", "SemiBold", "Bold")),
    *(FONTS["roboto-mono"].format(weight) for weight in ("regular", "500")),
)
KINDS = {".css": "text/css", ".woff2": "font/woff2"}
PLAIN_WORDS = {
    "→": "to",
    "⇒": "to",
    "←": "from",
    "✓": "yes",
    "✔": "yes",
    "✗": "no",
    "✘": "no",
    "\u2032": "'",
    "\u2033": '"',
}
"""Signs that our fonts lack and that have a plain word or letter."""

NO_GROUP = 3


def load(static: Path) -> dict[str, bytes]:
    """Every file that the printer may use, by its `asset:` address. Raises FileNotFoundError."""
    return {f"asset:/{name}": (static / name).read_bytes() for name in NAMES}


def kind_of(address: str) -> str:
    """The media type of one of our own files."""
    return KINDS[Path(address).suffix]


@cache
def drawn(static: Path) -> re.Pattern[str]:
    """Matches each character that our text font cannot draw."""
    font = TTFont(BytesIO((static / FONTS["public-sans"].format("Regular")).read_bytes()), lazy=True)
    known = set(font.getBestCmap()) | {0x0A, 0x09}
    spans, start, last = [], -2, -2
    for point in [*sorted(point for point in known if point >= 0x20 or point in (0x09, 0x0A)), 0x110000]:
        if point != last + 1:
            if start >= 0:
                spans.append(f"\\U{start:08x}-\\U{last:08x}")
            start = point
        last = point
    return re.compile(f"[^{''.join(spans)}]+")


def drawable(text: str, static: Path) -> str:
    """The text with each character that has no glyph named by its code: nothing vanishes, nothing reorders a line.

    So a page reads the same on every machine, and a hidden or right-to-left control shows itself.
    """
    return drawn(static).sub(_named, text)


def _named(found: re.Match[str]) -> str:
    return " ".join(
        PLAIN_WORDS.get(sign) or f"[U+{ord(sign):04X}]" for sign in found.group(0) if sign != "\r"
    )
