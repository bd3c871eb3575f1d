"""From files to a piece of evidence: store, read, propose. Confirming stays with a person."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from review import evidence
from review.acts.office import Office
from review.audit.canonical import LARGEST_INTEGER
from review.audit.text import kept as kept_texts
from review.rules.entities import EvidenceMeasurement, ReaderProblem, StoredFile
from review.rules.given import EvidenceFiles
from review.rules.vocabulary import Domain


def from_files(
    office: Office,
    case_id: str,
    files: Mapping[str, Path],
    title: str = "",
    attributes: Mapping[str, Any] | None = None,
) -> EvidenceFiles:
    """Put files into the store and read them. A file that no reader knows is kept as an attachment, and said so."""
    kept = tuple(_keep(office, case_id, name, path) for name, path in files.items())
    reading = evidence.read_many(files)
    known = reading.format is not None and bool(reading.runs)
    run = reading.runs[0] if known else None
    sha = (
        office.files.put_bytes(case_id, msgspec.json.encode(kept_texts(reading.document())))
        if known
        else None
    )
    given = dict(attributes or {})
    return EvidenceFiles(
        title=title or (run.benchmark if run and run.benchmark else "") or next(iter(files)),
        files=kept,
        format=reading.format,
        tool=reading.tool,
        tool_version=reading.tool_version,
        reader=f"{reading.format} {evidence.READER_VERSION}" if known else "",
        reading=sha,
        status=run.status if run else "unknown",
        subject=run.subject if run else None,
        domain=domain_of(given, reading),
        attributes=given,
        problems=tuple(
            ReaderProblem(severity=p.severity, code=p.code, message=p.message, pointer=p.pointer)
            for p in reading.problems
        ),
    )


def _keep(office: Office, case_id: str, name: str, path: Path) -> StoredFile:
    sha256, size = office.files.put_file(case_id, path)
    return StoredFile(name=name, bytes=size, sha256=sha256)


def domain_of(attributes: Mapping[str, Any], reading: evidence.Reading) -> Domain:
    """The domain that the lab named, else what the benchmark's name proposes."""
    named = attributes.get("domain")
    if isinstance(named, str) and named in Domain.__members__:
        return Domain(named)
    for run in reading.runs:
        for measurement in run.measurements:
            proposed = evidence.propose(measurement, run).domain
            return Domain(proposed) if proposed and proposed in Domain.__members__ else Domain.GENERAL
    return Domain.GENERAL


def proposals(reading: evidence.Reading) -> tuple[EvidenceMeasurement, ...]:
    """Every number that was read, ready to be confirmed; ids follow the order of the reading."""
    found: list[EvidenceMeasurement] = []
    for n, run in enumerate(reading.runs):
        for measurement in run.measurements:
            found.append(_proposed(f"m{len(found) + 1}", n, run, measurement))
    return tuple(found)


def _proposed(id: str, n: int, run: evidence.Run, one: evidence.ReadMeasurement) -> EvidenceMeasurement:
    proposed = evidence.propose(one, run)
    stderr = next((u for u in one.uncertainty if u.kind == "stderr"), None)
    stated = next((u for u in one.uncertainty if u.kind == "ci"), None)
    return EvidenceMeasurement(
        id=id,
        benchmark=one.benchmark or "",
        scorer=one.scorer,
        metric=one.metric or "",
        filter=one.filter,
        value=one.value_text,
        stderr=_text(stderr.value) if stderr else None,
        stated_low=_text(stated.low) if stated else None,
        stated_high=_text(stated.high) if stated else None,
        stated_level=_text(stated.level) if stated else None,
        n=one.n if one.n is None or one.n <= LARGEST_INTEGER else None,
        n_unit=one.n_unit,
        direction=one.direction,
        metric_type=proposed.metric_type,
        pointer=one.pointer or "",
        run=n,
        is_group=one.is_group,
    )


def _text(number: float | str | None) -> str | None:
    if number is None:
        return None
    return number if isinstance(number, str) else repr(number)
