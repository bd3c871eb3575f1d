"""The door to evidence files: whatever is attached, `read` says what it is and what it states.

Each format is one module with `sniff(material)` and `read(material)`; they do not know each
other. A file that cannot be read is refused with a sentence, never with an exception.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

from review.evidence import helm, inspect_log, lm_eval
from review.evidence.benchmarks import Proposal, propose
from review.evidence.material import Material, digest, folder, listed, opened
from review.evidence.reading import (
    FileDigest,
    Found,
    Problem,
    Reading,
    ReadMeasurement,
    Refusal,
    Run,
    Uncertainty,
)

__all__ = [
    "READER_VERSION",
    "FileDigest",
    "Problem",
    "Proposal",
    "ReadMeasurement",
    "Reading",
    "Run",
    "Uncertainty",
    "propose",
    "read",
    "read_many",
]

READER_VERSION = "1"  # raise it when the same file would yield other facts
MAX_MEASUREMENTS = 20_000
MAX_PROBLEMS = 200
READERS: tuple[ModuleType, ...] = (inspect_log, lm_eval, helm)


def read(path: Path, name: str | None = None) -> Reading:
    """What one file, or one HELM run directory, says; `name` is shown instead of the path's own."""
    shown = name or path.name
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return read_many(listed(path), shown)
        if not stat.S_ISREG(mode):
            raise Refusal("not-a-file", "This is a device or a pipe, not a file.")
        reading = Reading(file=shown, files=(digest(shown, path),))
    except Refusal as refusal:
        return _refused(Reading(file=shown), refusal)
    except OSError as error:
        return _refused(Reading(file=shown), _unreachable(error))
    reading = _with_digest(reading)

    def found() -> tuple[str, Found]:
        with opened(path) as material:
            return _found(material)

    return _filled(reading, found)


def read_many(files: Mapping[str, Path], name: str = "") -> Reading:
    """What several stored files say together, as one HELM run does; the keys are their names."""
    if len(files) == 1 and not name:
        ((only, path),) = files.items()
        return read(path, only)
    shown = name or (min(files) if files else "")
    try:
        reading = Reading(file=shown, files=tuple(digest(name, path) for name, path in files.items()))
    except OSError as error:
        return _refused(Reading(file=shown), _unreachable(error))
    return _filled(reading, lambda: _found(folder(files)))


def _found(material: Material) -> tuple[str, Found]:
    for reader in READERS:
        if reader.sniff(material):
            found = reader.read(material)
            if sum(len(run.measurements) for run in found.runs) > MAX_MEASUREMENTS:
                raise Refusal(
                    "too-many-numbers", f"The source states more than {MAX_MEASUREMENTS:,} numbers."
                )
            return reader.FORMAT, found
    kind = "this file" if material.document is not None or material.is_zip else "these files together"
    raise Refusal("unknown-format", f"No reader knows {kind}. Kept as an attachment, without measurements.")


def _filled(reading: Reading, find: Callable[[], tuple[str, Found]]) -> Reading:
    try:
        format_word, found = find()
    except Refusal as refusal:
        return _refused(reading, refusal)
    except OSError as error:
        return _refused(reading, _unreachable(error))
    except MemoryError:
        return _refused(reading, Refusal("too-large", "Reading the file needs more memory than is allowed."))
    except Exception:  # noqa: BLE001 - hostile input must never stop the caller; tests look for this code
        return _refused(
            reading, Refusal("reader-failed", "The file's contents are not what its format promises.")
        )
    return Reading(
        file=reading.file,
        files=reading.files,
        bytes=reading.bytes,
        sha256=reading.sha256,
        format=format_word,
        format_version=found.format_version,
        tool=found.tool,
        tool_version=found.tool_version,
        problems=_bounded(found.problems),
        runs=found.runs,
    )


def _bounded(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    if len(problems) <= MAX_PROBLEMS:
        return problems
    more = f"{len(problems) - MAX_PROBLEMS:,} more of the same kinds are not listed."
    return (*problems[:MAX_PROBLEMS], Problem(severity="warning", code="more-problems", message=more))


def _with_digest(reading: Reading) -> Reading:
    only = reading.files[0]
    return Reading(file=reading.file, files=reading.files, bytes=only.bytes, sha256=only.sha256)


def _refused(reading: Reading, refusal: Refusal) -> Reading:
    problem = Problem(severity="error", code=refusal.code, message=refusal.message, pointer=refusal.pointer)
    return Reading(
        file=reading.file,
        files=reading.files,
        bytes=reading.bytes,
        sha256=reading.sha256,
        problems=(problem,),
    )


def _unreachable(error: OSError) -> Refusal:
    if isinstance(error, FileNotFoundError):
        return Refusal("not-found", "There is no such file.")
    return Refusal("unreadable", "The file cannot be read from the disk.")
