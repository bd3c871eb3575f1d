"""The text of a Markdown card taken apart: front matter, headings, the lines and tables below each. Bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import msgspec
import yaml

from review.rules.instruments import Answer

MOST_FRONT_MATTER = 64_000
MOST_DEPTH = 12
LONGEST_LINE = 4_000
MOST_HEADINGS = 500
MOST_CELLS = 3_000
WIDEST_SPAN = 40

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_TAG = re.compile(r"<[^<>]{0,300}>")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,500}\)")
_EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=[\w.])_{1,3}(?!\w)|`")


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """A heading of the card: its level (1 to 6) and its text as written."""

    level: int
    text: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A heading and the lines below it, up to the next heading. Code is left out."""

    heading: str
    lines: tuple[str, ...] = ()
    tables: tuple[tuple[tuple[str, ...], ...], ...] = ()

    def paragraph(self) -> str:
        """The first paragraph of prose: no table, no list, no line of emphasis alone. Empty where there is none."""
        held: list[str] = []
        for line in (*self.lines, ""):
            text = clean(line)
            if text and not line.lstrip().startswith(("|", "<", "*This section", "#")):
                held.append(text)
            elif held and not text:
                return " ".join(held)
        return ""


def clean(text: str) -> str:
    """A line of Markdown as plain words: without tags, links, emphasis and list marks."""
    plain = _LINK.sub(r"\1", _TAG.sub(" ", text[:LONGEST_LINE]))
    plain = _EMPHASIS.sub("", plain)
    return " ".join(re.sub(r"^\s*(?:[-*+]|\d{1,3}\.)\s+", "", plain).split())


# Front matter -----------------------------------------------------------------------------------


class _Refused(yaml.YAMLError):
    """YAML of a kind that no card needs: aliases, or nesting without end."""


class _CardLoader(yaml.BaseLoader):
    """YAML whose every scalar is text. Aliases are refused: a few bytes of them can grow without bound."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MOST_DEPTH or self.check_event(yaml.AliasEvent):
            raise _Refused
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def front_matter_of(lines: list[str]) -> tuple[dict[str, Answer] | None, str, list[str]]:
    """The mapping between the two `---` lines, a sentence where it cannot be used, and the lines that follow."""
    if not lines or lines[0].rstrip() != "---":
        return None, "", lines
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        return None, "The front matter has no end, so the card was read without it.", lines[1:]
    body = lines[end + 1 :]
    written = "\n".join(lines[1:end])
    if len(written) > MOST_FRONT_MATTER:
        return None, "The front matter is too long to read.", body
    try:
        held = yaml.load(written, Loader=_CardLoader)  # noqa: S506 -- builds only text, lists and mappings
    except (yaml.YAMLError, RecursionError, ValueError, TypeError):
        return None, "The front matter is not plain YAML, so it was left out.", body
    if held in (None, ""):
        return {}, "", body
    if not isinstance(held, dict):
        return None, "The front matter does not name its values, so it was left out.", body
    return {str(key): value for key, value in held.items()}, "", body


# Headings and what stands below them ------------------------------------------------------------


def parts_of(lines: list[str]) -> tuple[tuple[Heading, ...], tuple[Part, ...]]:
    """The headings outside code, and the card cut at them. The first part is what stands before any heading."""
    headings: list[Heading] = []
    parts: list[Part] = []
    title, held, fence = "", list[str](), ""
    for line in lines:
        mark = _FENCE.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
            continue
        if fence:
            continue
        found = _HEADING.match(line[:LONGEST_LINE]) if line.lstrip(" ").startswith("#") else None
        if found is None or len(headings) >= MOST_HEADINGS:
            held.append(line)
            continue
        parts.append(_part(title, held))
        text = re.sub(r"(^|\s)#+$", "", found[2] or "").strip()
        headings.append(Heading(level=len(found[1]), text=text))
        title, held = clean(text), []
    parts.append(_part(title, held))
    return tuple(headings), tuple(parts)


def _part(title: str, lines: list[str]) -> Part:
    tables = (*pipe_tables(lines), *html_tables("\n".join(lines)))
    return Part(heading=title, lines=tuple(lines), tables=tables)


def pipe_tables(lines: list[str]) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Tables written with `|`: rows of plain cells, the first being the head."""
    rows: list[tuple[str, ...]] = []
    for line in (*lines, ""):
        if line.lstrip().startswith("|"):
            cells = line[:LONGEST_LINE].strip().strip("|").split("|")
            if not all(re.fullmatch(r"\s*:?-+:?\s*", cell) for cell in cells) and len(rows) < MOST_CELLS:
                rows.append(tuple(clean(cell) for cell in cells))
        elif rows:
            yield tuple(rows)
            rows = []


def html_tables(text: str) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Tables written in HTML: rows of plain cells, cells that span rows or columns repeated."""
    low = text.lower()
    at = low.find("<table")
    while at >= 0:
        end = low.find("</table", at)
        stop = len(text) if end < 0 else end
        reader = _Table()
        reader.feed(text[at:stop][:60_000])
        rows = reader.rows()
        if rows:
            yield rows
        at = low.find("<table", stop)


class _Table(HTMLParser):
    """The cells of one table with their spans."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[tuple[str, int, int]]] = []
        self.text: list[str] = []
        self.spans: tuple[int, int] | None = None
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("td", "th", "tr"):
            self._close()
        if tag == "tr":
            self.found.append([])
        elif tag in ("td", "th"):
            given = {key: value or "" for key, value in attrs}
            self.spans = (_span(given.get("rowspan", "")), _span(given.get("colspan", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._close()

    def handle_data(self, data: str) -> None:
        if self.spans is not None:
            self.text.append(data)

    def _close(self) -> None:
        if self.spans is not None and self.cells < MOST_CELLS:
            if not self.found:
                self.found.append([])
            self.found[-1].append((clean(" ".join(self.text)), *self.spans))
            self.cells += 1
        self.text, self.spans = [], None

    def rows(self) -> tuple[tuple[str, ...], ...]:
        self._close()
        waiting: dict[int, tuple[str, int]] = {}
        laid = [_laid(cells, waiting) for cells in self.found]
        return tuple(row for row in laid if row)


def _laid(cells: list[tuple[str, int, int]], waiting: dict[int, tuple[str, int]]) -> tuple[str, ...]:
    """One row with the cells that reach down from above; `waiting` keeps those that go on."""
    row: list[str] = []

    def take_from_above() -> None:
        while len(row) in waiting:
            text, left = waiting.pop(len(row))
            if left > 1:
                waiting[-1 - len(row)] = (text, left - 1)
            row.append(text)

    for text, down, across in cells:
        take_from_above()
        for _ in range(across):
            if down > 1:
                waiting[-1 - len(row)] = (text, down - 1)
            row.append(text)
    take_from_above()
    for column in [column for column in waiting if column < 0]:
        waiting[-1 - column] = waiting.pop(column)
    return tuple(row[:WIDEST_SPAN])


def _span(text: str) -> int:
    return min(max(int(text), 1), WIDEST_SPAN) if text.isdecimal() and len(text) < 4 else 1
