"""Reading a package folder into answers, evidence items and what could not be used."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import yaml

from review.package.mapping import Mapped, apply_mapping, load_mapping
from review.rules.entities import FurtherStatement
from review.rules.instruments import (
    Answer,
    EvidenceSummary,
    Field,
    Filing,
    Missing,
    all_current,
    load,
    missing,
    summarize,
)

OWN_SCHEMA = "model-review-package/1"
MAPPED_SCHEMAS = {"submission-draft/1": "submission-draft-1.yaml"}
SUBMISSION = "submission.yaml"
MOST_BYTES = 4_000_000
"""A submission document larger than this is refused (the real one has 13 kB)."""


class PackageProblem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a package, or a part of it, cannot be used: a sentence with the place it concerns."""

    code: str
    message: str
    place: str = SUBMISSION


class PackageEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """One evidence item of a package. `files` are relative to the package folder; `attributes` are answers
    of the evidence instrument's section `item`."""

    id: str
    files: tuple[str, ...]
    attributes: dict[str, Answer]
    primary_metric: str = ""
    tool: str = ""

    @property
    def title(self) -> str:
        title = self.attributes.get("title")
        return title if isinstance(title, str) else self.id

    @property
    def source(self) -> str:
        """What a reader opens: the file, or the folder that several files share."""
        if len(self.files) == 1:
            return self.files[0]
        return os.path.commonpath(self.files) if self.files else ""


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """A whole filing as read: answers, evidence, what has no field, and what could not be used."""

    folder: Path
    schema: str
    answers: Filing
    instruments: dict[str, int]
    evidence: tuple[PackageEvidence, ...] = ()
    further_statements: tuple[FurtherStatement, ...] = ()
    submitter_notes: tuple[str, ...] = ()
    problems: tuple[PackageProblem, ...] = ()

    def summaries(self) -> tuple[EvidenceSummary, ...]:
        """The evidence as the cross-form rules want it. Files are hashed when they are filed."""
        return tuple(
            summarize(item.id, item.attributes, has_log_hash=bool(item.files)) for item in self.evidence
        )


class Unusable(ValueError):
    """The submission document cannot be read at all. The message is a sentence for the person who filed it."""


class _PlainLoader(yaml.SafeLoader):
    """YAML whose only typed words are true, false and null: numbers and dates stay the text written."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
        or (tag == "tag:yaml.org,2002:bool" and first in "tTfF")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_package(folder: Path) -> Package:
    """Read a package folder. Raises Unusable when there is no submission document that can be read."""
    document = read_document(folder / SUBMISSION)
    schema = str(document.get("schema") or "")
    if schema == OWN_SCHEMA:
        mapped = _own(document)
    elif schema in MAPPED_SCHEMAS:
        mapped = apply_mapping(load_mapping(MAPPED_SCHEMAS[schema]), document)
    else:
        known = ", ".join([OWN_SCHEMA, *MAPPED_SCHEMAS])
        raise Unusable(f"The schema {schema or '(none)'} is not known. Known are {known}.")
    evidence, problems = _evidence(folder, mapped)
    return Package(
        folder=folder,
        schema=schema,
        answers={
            instrument.name: instrument.filed(mapped.answers.get(instrument.name) or {}, mapped.answers)
            for instrument in all_current()
        },
        instruments={instrument.name: instrument.version for instrument in all_current()},
        evidence=evidence,
        further_statements=mapped.further_statements,
        submitter_notes=mapped.submitter_notes,
        problems=(*_unknown_places(mapped.answers), *problems),
    )


def check(package: Package) -> list[Missing]:
    """Everything that keeps the package from being filed: the list that would refuse its submission."""
    unusable = [
        Missing(
            instrument="package",
            section="",
            field="",
            place=f"package/{problem.place}",
            sentence=problem.message,
            code=problem.code,
        )
        for problem in package.problems
    ]
    return [*unusable, *missing(package.answers, package.summaries())]


def renumber(filing: Filing, ids: dict[str, str]) -> Filing:
    """The answers with references to a package's evidence ids replaced by the ids of the case."""
    return {
        instrument.name: {
            section.key: _renumbered(
                section.fields, (filing.get(instrument.name) or {}).get(section.key) or {}, ids
            )
            for section in instrument.form_sections()
        }
        for instrument in all_current()
    }


def _renumbered(
    fields: tuple[Field, ...], answers: dict[str, Answer], ids: dict[str, str]
) -> dict[str, Answer]:
    done = dict(answers)
    for field in fields:
        answer = answers.get(field.key)
        if not isinstance(answer, list):
            continue
        if field.type == "rows":
            done[field.key] = [
                {**row, "answers": _renumbered(field.fields, row.get("answers") or {}, ids)} for row in answer
            ]
        elif field.type in ("evidence", "file"):
            done[field.key] = [ids.get(each, each) for each in answer]
    return done


def read_document(path: Path) -> dict[str, Any]:
    """The submission document, with every number as the text written. Raises Unusable."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unusable(f"{path.name} is larger than {MOST_BYTES:,} bytes.")
        text = path.read_text("utf-8")
    except OSError:
        raise Unusable(f"There is no readable {path.name} in {path.parent.name}.") from None
    except UnicodeDecodeError:
        raise Unusable(f"{path.name} is not UTF-8 text.") from None
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            raise Unusable(f"{path.name} uses YAML aliases. Write each answer out.")
        document = _PlainLoader(text).get_single_data()
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" Look at line {mark.line + 1}." if mark else ""
        raise Unusable(f"{path.name} is not well-formed YAML.{where}") from None
    if not isinstance(document, dict):
        raise Unusable(f"{path.name} holds no document.")
    return document


class _OwnDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The shape of a document of our own schema. Keys that it does not name are left alone."""

    answers: dict[str, dict[str, dict[str, Any]]] = {}
    evidence: list[dict[str, Any]] = []
    further_statements: list[FurtherStatement] = []
    submitter_notes: list[str] = []


def _own(document: dict[str, Any]) -> Mapped:
    """A document of our own schema: answers as they are filed, rows with or without ids."""
    try:
        own = msgspec.convert(document, _OwnDocument)
    except msgspec.ValidationError as error:
        raise Unusable(f"{SUBMISSION} is not of its schema: {error}.") from None
    answers: Filing = {name: dict(sections) for name, sections in own.answers.items()}
    for instrument in all_current():
        for section in instrument.sections:
            if section.key in answers.get(instrument.name, {}):
                held = answers[instrument.name][section.key]
                answers[instrument.name][section.key] = with_row_ids(section.fields, held)
    return Mapped(
        answers=answers,
        evidence=tuple(own.evidence),
        further_statements=tuple(own.further_statements),
        submitter_notes=tuple(own.submitter_notes),
    )


def with_row_ids(fields: tuple[Field, ...], answers: dict[str, Answer]) -> dict[str, Answer]:
    """Rows written as plain mappings get ids r1, r2, …; rows that have ids keep them."""
    done = dict(answers)
    for field in fields:
        if field.type == "rows" and isinstance(answers.get(field.key), list):
            done[field.key] = [
                _row(field, row, number) for number, row in enumerate(answers[field.key], start=1)
            ]
    return done


def _row(field: Field, row: Any, number: int) -> Any:
    if not isinstance(row, dict):
        return row
    if not ("id" in row and isinstance(row.get("answers"), dict)):
        row = {"id": f"r{number:x}", "answers": row}
    return {"id": str(row["id"]), "answers": with_row_ids(field.fields, row["answers"])}


def _unknown_places(answers: Filing) -> list[PackageProblem]:
    """Answers for forms or sections that do not exist would vanish silently: they are told instead."""
    known = {each.name: {section.key for section in each.form_sections()} for each in all_current()}
    problems = []
    for name, sections in answers.items():
        for key, held in sections.items():
            if key not in known.get(name, ()) or not isinstance(held, dict):
                place = f"{name}/{key}"
                message = f"{place}: there is no such section."
                problems.append(PackageProblem(code="unknown_section", message=message, place=place))
                continue
            fields = {field.key for field in load(name, 1).section(key).fields}
            for question in sorted(set(held) - fields):
                place = f"{name}/{key}/{question}"
                message = f"{place}: this form asks no such question."
                problems.append(PackageProblem(code="unknown_answer", message=message, place=place))
    return problems


def _evidence(folder: Path, mapped: Mapped) -> tuple[tuple[PackageEvidence, ...], list[PackageProblem]]:
    items, problems, seen = [], [], set()
    fields = load("evaluation_evidence", 1).section("item").fields
    for number, given in enumerate(mapped.evidence, start=1):
        item_id = str(given.get("id") or f"E{number}")
        if item_id in seen:
            message = f"Two evidence items are called {item_id}."
            problems.append(PackageProblem(code="evidence_id", message=message, place=item_id))
        seen.add(item_id)
        listed = given.get("files")
        files = tuple(str(each) for each in listed) if isinstance(listed, list) else ()
        problems += [problem for each in files if (problem := _file_problem(folder, each)) is not None]
        attributes = given.get("attributes")
        items.append(
            PackageEvidence(
                id=item_id,
                files=files,
                attributes=with_row_ids(fields, attributes if isinstance(attributes, dict) else {}),
                primary_metric=str(given.get("primary_metric") or ""),
                tool=str(given.get("tool") or ""),
            )
        )
    return tuple(items), problems


def _file_problem(folder: Path, name: str) -> PackageProblem | None:
    """A file must lie in the package and be a plain file; links that lead out are refused."""
    path = PurePosixPath(name)
    inside = not path.is_absolute() and ".." not in path.parts
    if not inside or not (folder / path).resolve().is_relative_to(folder.resolve()):
        message = f"{name} lies outside the package."
        return PackageProblem(code="file_outside", message=message, place=name)
    if not (folder / path).is_file():
        return PackageProblem(code="file_missing", message=f"{name} is not in the package.", place=name)
    return None
