"""Replaying the ledger: the states of every case and the history of every record, event by event.

Both are streams sorted the same way, so they are merged like two sorted lists, in constant memory.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

import msgspec

from review.audit.findings import CannotVerify, Findings
from review.audit.rebuild import Reader, Row

PAGE = 5_000
"""Rows read at once."""

_STEPS = (
    'SELECT case_id, "index", case_tag, from_state, to_state FROM event '
    'WHERE case_id IS NOT NULL AND (case_id, "index") > (?, ?) AND "index" < ? '
    'ORDER BY case_id, "index" LIMIT ?'
)
_CHANGES = (
    "SELECT record_id, event, n, schema_version, body FROM event_part "
    "WHERE kind = ? AND (record_id, event, n) > (?, ?, ?) AND event < ? "
    "ORDER BY record_id, event, n LIMIT ?"
)
_KINDS = "SELECT DISTINCT kind FROM event_part WHERE kind IS NOT NULL AND event < ? ORDER BY kind"
_UNNAMED = (
    "SELECT event, name FROM event_part WHERE (kind IS NULL) <> (record_id IS NULL) "
    "OR (name = 'change') <> (kind IS NOT NULL)"
)
_HEAD = 'SELECT coalesce(max("index"), -1) + 1 FROM event'


class RecordRow(NamedTuple):
    """A regulated record as it is now: its body is canonical JSON; `event` is the last that changed it."""

    kind: str
    id: str
    schema_version: int
    body: str
    event: int | None = None


class CaseRow(NamedTuple):
    """A case as it is now: its state and the event that moved it there."""

    id: str
    state: str
    moved_by: int


class Change(msgspec.Struct, frozen=True):
    """The body of a change, with both values as the exact bytes that were sealed."""

    kind: str
    id: str
    schema: int
    before: msgspec.Raw
    after: msgspec.Raw


_R = TypeVar("_R", RecordRow, CaseRow)
_decode = msgspec.json.Decoder(Change).decode
_NULL = b"null"


class Steps:
    """Compares the states that events tell with one another and with the cases."""

    def __init__(self, reader: Reader, findings: Findings, size: int) -> None:
        self._read = reader
        self._findings = findings
        self._size = size
        self.later = 0

    def run(self, cases: Iterable[Row]) -> int:
        """Check every case; return how many there are.

        Args:
            cases: rows that begin with id, state and moved_by, sorted by id.

        Raises:
            CannotVerify: the rows are not sorted.
        """
        rows = _sorted(CaseRow(*row[:3]) for row in cases)
        row = next(rows, None)
        count = 0
        for case, steps in itertools.groupby(self._steps(), lambda step: step[0]):
            count += 1
            while row is not None and row.id < case:
                self._without_events(row)
                row = next(rows, None)
            found = row if row is not None and row.id == case else None
            self._case(case, steps, found)
            if found is not None:
                row = next(rows, None)
        while row is not None:
            self._without_events(row)
            row = next(rows, None)
        return count

    def _case(self, case: str, steps: Iterator[Row], row: CaseRow | None) -> None:
        state: str | None = None
        tag: str | None = None
        moved_at = last = -1
        reached = False
        for _, index, step_tag, before, after in steps:
            if before != state:
                self._findings.add(
                    "state_chain",
                    f"case {case}, event {index}",
                    f"Event {index} leaves “{before or 'nothing'}”, "
                    f"but the case was in “{state or 'no state yet'}”.",
                )
            if tag is not None and step_tag != tag:
                self._findings.add(
                    "case_tag",
                    f"case {case}, event {index}",
                    f"Event {index} carries another case's tag: it was moved here from elsewhere.",
                )
            if after != state:
                moved_at, reached = index, False
            tag, state, last = step_tag, after, index
            reached = reached or (row is not None and row.moved_by == index)
        if row is None:
            self._findings.add(
                "case_missing",
                f"case {case}",
                f"Event {last} tells of case {case}, but there is no such case.",
            )
        elif self._is_later(row.moved_by):
            self.later += 1
        elif row.state != state:
            self._findings.add(
                "case_state",
                f"case {case}",
                f"Case {case} is in “{row.state}”, but its events left it in “{state}” (event {moved_at}).",
            )
        elif not reached:
            self._findings.add(
                "case_moved_by",
                f"case {case}",
                f"Case {case} says that event {row.moved_by} moved it, but event {moved_at} did.",
            )

    def _without_events(self, row: CaseRow) -> None:
        if self._is_later(row.moved_by):
            self.later += 1
            return
        self._findings.add(
            "case_without_events", f"case {row.id}", f"Case {row.id} exists, but no event ever opened it."
        )

    def _is_later(self, index: object) -> bool:
        return _is_later(self._read, self._size, index)

    def _steps(self) -> Iterator[Row]:
        after: Row = ("", -1)
        while page := list(self._read.rows(_STEPS, *after, self._size, PAGE)):
            yield from page
            after = page[-1][:2]


class Replay:
    """Follows every record's changes: each before is the previous after, and the last after is the row."""

    def __init__(self, reader: Reader, findings: Findings, size: int) -> None:
        self._read = reader
        self._findings = findings
        self._size = size
        self.later = 0

    def run(self, rows: Iterable[Row]) -> int:
        """Check every record; return how many have a history.

        Args:
            rows: (kind, id, schema_version, body) and, where known, the event that changed it last. Rows of a
                kind come together, sorted by id; the kinds come in any order.

        Raises:
            CannotVerify: the rows are not in that order.
        """
        self._unnamed_changes()
        seen: set[str] = set()
        count = 0
        for kind, kept in itertools.groupby((RecordRow(*row[:5]) for row in rows), lambda row: row.kind):
            if kind in seen:
                raise CannotVerify(f"The rows to check are not sorted: {kind} comes twice.")
            seen.add(kind)
            count += self._kind(kind, kept)
        for (kind,) in list(self._read.rows(_KINDS, self._size)):
            if kind not in seen:
                count += self._kind(kind, ())
        return count

    def _kind(self, kind: str, rows: Iterable[RecordRow]) -> int:
        kept = _sorted(rows)
        row = next(kept, None)
        count = 0
        for record_id, changes in itertools.groupby(self._changes(kind), lambda change: change[0]):
            count += 1
            while row is not None and row.id < record_id:
                self._without_history(row)
                row = next(kept, None)
            found = row if row is not None and row.id == record_id else None
            self._record(kind, record_id, changes, found)
            if found is not None:
                row = next(kept, None)
        while row is not None:
            self._without_history(row)
            row = next(kept, None)
        return count

    def _record(self, kind: str, record_id: str, changes: Iterator[Row], row: RecordRow | None) -> None:
        called, name = f"{kind} {record_id}", (kind, record_id)
        value, schema, last = _NULL, 0, -1
        broken = False
        for _, index, _, schema_version, body in changes:
            change = self._change(called, name, index, schema_version, body)
            if change is None:
                broken = True
                continue
            if not broken and bytes(change.before) != value:
                self._findings.add(
                    "history_gap",
                    f"{called}, event {index}",
                    f"Event {index} found {called} otherwise than the event before left it: "
                    f"{_differences(value, bytes(change.before))}.",
                )
            broken = False
            value, schema, last = bytes(change.after), change.schema, index
        if not broken:
            self._compare(called, value, schema, last, row)

    def _compare(self, called: str, value: bytes, schema: int, last: int, row: RecordRow | None) -> None:
        if row is None:
            if value != _NULL:
                self._findings.add(
                    "record_missing",
                    called,
                    f"{_opening(called)} is gone, but event {last} left it in the record.",
                )
            return
        if self._is_later(row.event):
            self.later += 1
            return
        if str(row.body).encode() != value:
            self._findings.add(
                "record_changed",
                called,
                f"{_opening(called)} differs from what event {last} left: "
                f"{_differences(value, str(row.body).encode())}.",
            )
        elif row.schema_version != schema or row.event not in (None, last):
            self._findings.add(
                "record_changed",
                called,
                f"{_opening(called)} names another schema version or event than event {last}.",
            )

    def _change(
        self, called: str, name: tuple[str, str], index: int, schema: object, body: object
    ) -> Change | None:
        """Read a change, or note why it cannot be read."""
        where = f"{called}, event {index}"
        if body is None:
            self._findings.add("change_erased", where, f"The change of {called} in event {index} was erased.")
            return None
        try:
            change = _decode(body if isinstance(body, str | bytes) else str(body))
        except msgspec.MsgspecError:
            self._findings.add(
                "change_unreadable", where, f"The change of {called} in event {index} cannot be read."
            )
            return None
        if (change.kind, change.id) != name or change.schema != schema:
            sentence = f"Event {index} files a change of {change.kind} {change.id} under {called}."
            self._findings.add("change_misfiled", where, sentence)
        return change

    def _without_history(self, row: RecordRow) -> None:
        called = f"{row.kind} {row.id}"
        if self._is_later(row.event):
            self.later += 1
            return
        self._findings.add(
            "record_without_history", called, f"{_opening(called)} exists, but no event ever made it."
        )

    def _unnamed_changes(self) -> None:
        for index, name in self._read.rows(_UNNAMED):
            self._findings.add(
                "change_misfiled",
                f"event {index}",
                f"A part “{name}” of event {index} does not say which record it changes, or is no change.",
            )

    def _is_later(self, index: object) -> bool:
        return _is_later(self._read, self._size, index)

    def _changes(self, kind: str) -> Iterator[Row]:
        after: Row = ("", -1, -1)
        while page := list(self._read.rows(_CHANGES, kind, *after, self._size, PAGE)):
            yield from page
            after = page[-1][:3]


def _differences(expected: bytes, found: bytes) -> str:
    """Name in words the fields in which two canonical values differ."""
    try:
        left, right = msgspec.json.decode(expected), msgspec.json.decode(found)
    except msgspec.MsgspecError:
        return "its text is not JSON"
    if left == right:
        return "its text is written otherwise"
    if not isinstance(left, dict) or not isinstance(right, dict):
        return "it exists on one side only" if None in (left, right) else "the whole value"
    names = [
        f"{key}: {_shown(left.get(key, _ABSENT))} became {_shown(right.get(key, _ABSENT))}"
        for key in sorted(left.keys() | right.keys())
        if left.get(key, _ABSENT) != right.get(key, _ABSENT)
    ]
    return "; ".join(names[:8]) + (f"; and {len(names) - 8} more fields" if len(names) > 8 else "")


_ABSENT = object()


def _shown(value: object) -> str:
    if value is _ABSENT:
        return "nothing"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


def _opening(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sorted(rows: Iterable[_R]) -> Iterator[_R]:
    """Pass the rows on, insisting that their ids rise by code point."""
    before: str | None = None
    for row in rows:
        if before is not None and row.id <= before:
            raise CannotVerify(f"The rows to check are not sorted at {row.id}.")
        before = row.id
        yield row


def _is_later(reader: Reader, size: int, index: object) -> bool:
    """Say whether an event joined the ledger after this check began."""
    if not isinstance(index, int) or index < size:
        return False
    return bool(index < reader.one(_HEAD)[0])
