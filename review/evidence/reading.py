"""What a reader hands back: the facts that an evidence file states, and what is wrong with it.

Nothing here is stored as it stands. Records take numbers as text (`value_text`), since the
ledger holds no floats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Severity = Literal["error", "warning", "info"]
Status = Literal["complete", "partial", "cancelled", "error", "unfinished", "unknown"]
Direction = Literal["higher", "lower"]
UncertaintyKind = Literal["stderr", "stddev", "ci"]


class Refusal(Exception):
    """The file is not read; the message says why in one sentence that a submitter understands."""

    def __init__(self, code: str, message: str, pointer: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.pointer = pointer


class FileDigest(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read: its name inside the submission, its size in bytes, its SHA-256 in hex."""

    name: str
    bytes: int
    sha256: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person should know; an error means that the file was refused."""

    severity: Severity
    code: str
    message: str
    pointer: str | None = None


class Uncertainty(msgspec.Struct, frozen=True, kw_only=True):
    """A stated uncertainty: stderr and stddev carry `value`; ci carries `low`, `high` and `level`."""

    kind: UncertaintyKind
    value: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None

    def document(self) -> dict[str, object]:
        if self.kind == "ci":
            level = None if self.level is None else spoken(self.level)
            return {
                "kind": "ci",
                "low": None if self.low is None else spoken(self.low),
                "high": None if self.high is None else spoken(self.high),
                "level": level,
            }
        return {"kind": self.kind, "value": None if self.value is None else spoken(self.value)}


class ReadMeasurement(msgspec.Struct, frozen=True, kw_only=True):
    """One number as the file states it.

    `filter` is the tool's own word for the variant of the metric: the answer filter of
    lm-evaluation-harness, the epoch reducer of Inspect, the data split of HELM.
    `n` counts what entered the metric, in `n_unit`. `pointer` is a JSON Pointer (RFC 6901),
    with the member's name before `#` when the source holds several files.
    """

    benchmark: str | None
    scorer: str | None
    metric: str
    filter: str | None = None
    value: float
    uncertainty: tuple[Uncertainty, ...] = ()
    n: int | None = None
    n_unit: str | None = None
    direction: Direction | None = None
    is_group: bool = False
    pointer: str

    @property
    def value_text(self) -> str:
        """The value as a decimal string, to full precision; NaN, Infinity or -Infinity otherwise."""
        word = spoken(self.value)
        return word if isinstance(word, str) else repr(word)

    def document(self) -> dict[str, object]:
        return {
            "benchmark": self.benchmark,
            "scorer": self.scorer,
            "metric": self.metric,
            "filter": self.filter,
            "value": spoken(self.value),
            "uncertainty": [u.document() for u in self.uncertainty],
            "n": self.n,
            "n_unit": self.n_unit,
            "direction": self.direction,
            "is_group": self.is_group,
            "pointer": self.pointer,
        }


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a tool on one model. Only status `complete` makes its numbers a result.

    Times are ISO 8601 with zone, as the file gives them; what it does not say is None.
    """

    status: Status
    subject: str | None = None
    other_models: tuple[str, ...] = ()
    run_id: str | None = None
    task_id: str | None = None
    eval_id: str | None = None
    created: str | None = None
    started: str | None = None
    completed: str | None = None
    benchmark: str | None = None
    task_version: str | None = None
    conditions: Mapping[str, Any] = {}
    n_samples: int | None = None
    n_errors: int | None = None
    measurements: tuple[ReadMeasurement, ...] = ()

    def document(self) -> dict[str, object]:
        return {
            "status": self.status,
            "subject": self.subject,
            "other_models": list(self.other_models),
            "run_id": self.run_id,
            "task_id": self.task_id,
            "eval_id": self.eval_id,
            "created": self.created,
            "started": self.started,
            "completed": self.completed,
            "benchmark": self.benchmark,
            "task_version": self.task_version,
            "conditions": spoken_all(self.conditions),
            "n_samples": self.n_samples,
            "n_errors": self.n_errors,
            "measurements": [m.document() for m in self.measurements],
        }


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one format's reader found; the door adds the file's name and digests."""

    format_version: str | None = None
    tool: str
    tool_version: str | None = None
    runs: tuple[Run, ...] = ()
    problems: tuple[Problem, ...] = ()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of reading one evidence source: what it is, what it says, what is wrong."""

    file: str
    files: tuple[FileDigest, ...] = ()
    bytes: int | None = None
    sha256: str | None = None
    format: str | None = None
    format_version: str | None = None
    tool: str | None = None
    tool_version: str | None = None
    problems: tuple[Problem, ...] = ()
    runs: tuple[Run, ...] = ()

    @property
    def refused(self) -> bool:
        """True when nothing was read; `problems` then holds an error that says why."""
        return not self.runs or any(p.severity == "error" for p in self.problems)

    def document(self) -> dict[str, object]:
        """One JSON object, safe for any JSON reader: no bare NaN, every key always present."""
        return {
            "file": self.file,
            "files": [{"name": f.name, "bytes": f.bytes, "sha256": f.sha256} for f in self.files],
            "bytes": self.bytes,
            "sha256": self.sha256,
            "format": self.format,
            "format_version": self.format_version,
            "tool": self.tool,
            "tool_version": self.tool_version,
            "problems": [
                {"severity": p.severity, "code": p.code, "message": p.message, "pointer": p.pointer}
                for p in self.problems
            ],
            "runs": [run.document() for run in self.runs],
        }


def spoken(number: float) -> float | str:
    """A number that JSON can carry, or one of the words NaN, Infinity, -Infinity."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def spoken_all(value: Any) -> Any:
    """The same value with every non-number replaced by its word, however deep it lies."""
    if isinstance(value, float):
        return spoken(value)
    if isinstance(value, Mapping):
        return {key: spoken_all(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [spoken_all(item) for item in value]
    return value
