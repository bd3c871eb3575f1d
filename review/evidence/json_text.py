"""Reading JSON that nobody vouches for: bounded in depth, in size and in memory.

A `Node` is a value inside a buffer that has not been decoded yet. Walking nodes finds the few
values that matter in a log of hundreds of megabytes without holding the rest.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from typing import Any

from review.evidence.reading import Refusal

MAX_DEPTH = 64
MAX_DECODED = 16 * 1024 * 1024  # bytes of JSON decoded at once; Python objects take up to 20 times that
MAX_MEMBERS = 200_000
MAX_STEPS = 60_000_000  # strings, brackets and members walked in one file: half a minute of work

STRIDE = 65_536

Buffer = bytes | mmap.mmap

# A whole string, a bracket, or (last) a quote that nothing closes: matched alone, it ends the walk.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{}]', re.DOTALL)
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_SCALAR = re.compile(rb"[-+.0-9A-Za-z]++")
_CLOSERS = {b"{": b"}", b"[": b"]"}
_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")


class Budget:
    """The work that one file may cost, shared by all its nodes."""

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise Refusal("too-many-parts", "The JSON holds more parts than can be read in reasonable time.")


class Node:
    """One JSON value at a place in a buffer; its end is found when somebody needs it."""

    def __init__(self, data: Buffer, start: int, depth: int, budget: Budget) -> None:
        self._data = data
        self._start = start
        self._depth = depth
        self._budget = budget
        self._end: int | None = None
        self._outline: dict[str, Node] | None = None

    @property
    def is_object(self) -> bool:
        return self._data[self._start : self._start + 1] == b"{"

    @property
    def is_array(self) -> bool:
        return self._data[self._start : self._start + 1] == b"["

    def end(self) -> int:
        if self._end is None:
            self._end = _end_of(self._data, self._start, self._depth, self._budget)
        return self._end

    def members(self) -> Iterator[tuple[str, Node]]:
        """Name and value of each member of an object; a name that comes twice is refused."""
        seen: set[str] = set()
        position = _space(self._data, self._start + 1)
        if self._close(position, b"}"):
            return
        while True:
            match = _STRING.match(self._data, position)
            if match is None:
                raise _broken(position)
            name = _decoded(match.group())
            if not isinstance(name, str) or name in seen:
                raise _twice(str(name))
            seen.add(name)
            if len(seen) > MAX_MEMBERS:
                raise Refusal("too-many-members", f"An object holds more than {MAX_MEMBERS:,} members.")
            position = _space(self._data, match.end())
            if self._data[position : position + 1] != b":":
                raise _broken(position)
            self._budget.spend(1)
            node = Node(self._data, _space(self._data, position + 1), self._depth + 1, self._budget)
            yield name, node
            position = _space(self._data, node.end())
            if self._close(position, b"}"):
                return
            position = _space(self._data, _comma(self._data, position))

    def elements(self) -> Iterator[Node]:
        """Each element of an array, one after the other."""
        position = _space(self._data, self._start + 1)
        if self._close(position, b"]"):
            return
        while True:
            self._budget.spend(1)
            node = Node(self._data, position, self._depth + 1, self._budget)
            yield node
            position = _space(self._data, node.end())
            if self._close(position, b"]"):
                return
            position = _space(self._data, _comma(self._data, position))

    def outline(self) -> dict[str, Node]:
        """The members of an object by name, undecoded; empty for anything else."""
        if self._outline is None:
            self._outline = dict(self.members()) if self.is_object else {}
        return self._outline

    def decode(self) -> Any:
        """The value as Python objects; numbers beyond 64 bits and non-UTF-8 text are refused or kept as text."""
        size = self.end() - self._start
        if size > MAX_DECODED:
            raise Refusal(
                "part-too-large",
                f"One part of the file takes {size:,} bytes. The limit for a part is {MAX_DECODED:,}.",
            )
        return _decoded(bytes(self._data[self._start : self.end()]))

    def _close(self, position: int, closer: bytes) -> bool:
        if self._data[position : position + 1] == closer:
            self._end = position + 1
            return True
        return False


def parse(data: Buffer) -> Node:
    """The one JSON value in the buffer. Only its start is looked at; walk or decode it to check the rest."""
    start = 3 if data[:3] == b"\xef\xbb\xbf" else 0
    return Node(data, _space(data, start), 1, Budget())


def complete(node: Node, data: Buffer) -> None:
    """Refuse the text unless it ends where its one value ends."""
    if _space(data, node.end()) != len(data):
        raise Refusal("not-json", "The file goes on after its JSON value ends. It holds more than one value.")


def decode(data: bytes) -> Any:
    """A whole JSON text as Python objects, within the same limits."""
    node = parse(data)
    complete(node, data)
    return node.decode()


def _end_of(data: Buffer, start: int, depth: int, budget: Budget) -> int:
    first = data[start : start + 1]
    if first == b'"':
        match = _STRING.match(data, start)
        if match is None:
            raise _cut_off()
        return match.end()
    if first not in _CLOSERS:
        match = _SCALAR.match(data, start)
        if match is None:
            raise _cut_off() if start >= len(data) else _broken(start)
        return match.end()
    return _closing(data, start, depth, budget)


def _closing(data: Buffer, start: int, depth: int, budget: Budget) -> int:
    open_brackets: list[bytes] = []
    room = MAX_DEPTH - depth + 1
    for step, match in enumerate(_TOKEN.finditer(data, start), 1):
        if step % STRIDE == 0:
            budget.spend(STRIDE)
        token = match.group()
        if token in _CLOSERS:
            open_brackets.append(_CLOSERS[token])
            if len(open_brackets) > room:
                raise Refusal("too-deep", f"The JSON is nested deeper than {MAX_DEPTH} levels.")
        elif token == b'"':
            raise _cut_off()
        elif len(token) == 1:
            if open_brackets.pop() != token:
                raise _broken(match.start())
            if not open_brackets:
                budget.spend(step % STRIDE)
                return match.end()
    raise _cut_off()


def _decoded(text: bytes) -> Any:
    try:
        value = json.loads(
            text.decode("utf-8"), object_pairs_hook=_without_doubles, parse_int=_integer, strict=False
        )
    except UnicodeDecodeError:
        raise Refusal("not-utf8", "The file is not UTF-8 text.") from None
    except RecursionError:
        raise Refusal("too-deep", f"The JSON is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError as error:
        raise Refusal("not-json", f"The file is not valid JSON: {str(error)[:120]}.") from None
    lowered = text.lower()
    return _storable(value) if b"\\ud" in lowered or b"\\u0000" in lowered or b"\x00" in text else value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _twice(name)
            seen.add(name)
    return members


def _integer(text: str) -> int | str:
    """An integer of 64 bits; a longer one stays text, so that no digit is lost and none costs time."""
    if len(text) > 20 or not -(2**63) <= int(text) < 2**64:
        return text
    return int(text)


def _storable(value: Any) -> Any:
    """Lone surrogates and NUL replaced: no database or UTF-8 file can hold them."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def _space(data: Buffer, position: int) -> int:
    match = _SPACE.match(data, position)
    return match.end() if match else position


def _comma(data: Buffer, position: int) -> int:
    if position >= len(data):
        raise _cut_off()
    if data[position : position + 1] != b",":
        raise _broken(position)
    return position + 1


def _broken(position: int) -> Refusal:
    return Refusal("not-json", f"The file is not valid JSON: unexpected text at byte {position:,}.")


def _cut_off() -> Refusal:
    return Refusal("truncated", "The JSON ends too early. The file was cut off.")


def _twice(name: str) -> Refusal:
    return Refusal(
        "duplicate-key", f'The JSON names "{name[:80]}" twice in one object, so it has two answers.'
    )
