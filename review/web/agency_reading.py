"""Reading a case: what was filed, its evidence with every number's source, and the record."""

from typing import Any

import msgspec
from flask import Response, abort, current_app, request, stream_with_context, url_for

from review.casefile.shape import CaseFile, EvidenceLine
from review.rules import instruments
from review.rules.reasons import PARTS
from review.rules.vocabulary import Act, Domain
from review.rules.workflow import ROW, refusals
from review.web.access import page
from review.web.agency_charts import domain_panels, picture, small_picture, standing, table_rows
from review.web.cases import blueprint, case_file, case_id, case_page, render
from review.web.here import Here

PARTS_OF_FILING = (
    "cover_sheet",
    "capability_disclosure",
    "evaluation_evidence",
    "safeguards",
    "deployment_plan",
)
GRAVE_GAPS = ("NOT_DISCLOSED", "UNKNOWN", "NOT_APPLICABLE", "EMPTY")


@case_page("/cases/<case_id>/filing", "filing")
def filing(here: Here) -> Response:
    """The answers of the newest version by instrument, what is missing first."""
    file = case_file(here)
    filed = file.filed
    names = [name for name in PARTS_OF_FILING if filed and name in filed.instruments]
    wanted = request.args.get("part", "")
    part = wanted if wanted in names else (names[0] if names else "")
    form = instruments.load(part, filed.instruments[part]) if filed and part else None
    return render(
        here,
        "agency/filing.html",
        "filing",
        file=file,
        filed=filed,
        parts=_parts(file, names, part),
        form=form,
        sections=instruments.read(form, filed.answers.get(part, {}), filed.answers) if filed and form else (),
        gaps=_gaps(file),
        versions=here.facts.filings,
        further_rows=[
            {
                "path": one.path,
                "text": {"text": one.text, "meta": one.status},
                "source": one.source or "not named",
            }
            for one in (filed.further_statements if filed else ())
        ],
        filer={a.id: a.printed_name for a in here.facts.signatures},
        numbers={line.item.id: line.item.number for line in file.evidence},
        evidence_href=lambda id: _evidence_href(here, file, id),
    )


def _parts(file: CaseFile, names: list[str], current: str) -> list[dict[str, Any]]:
    filed = file.filed
    return [
        {
            "label": instruments.load(name, filed.instruments[name]).title,
            "href": url_for("agency.filing", case_id=file.header.case_id, part=name),
            "current": name == current,
        }
        for name in names
        if filed is not None
    ]


def _gaps(file: CaseFile) -> dict[str, list[instruments.Gap]]:
    """Computed gaps by kind: what was not disclosed first, optional questions left empty last."""
    found: dict[str, list[instruments.Gap]] = {}
    for kind in GRAVE_GAPS:
        own = [gap for gap in (file.filed.gaps if file.filed else ()) if gap.kind == kind]
        if own:
            found[kind] = own
    return found


def _said_of(file: CaseFile, line: EvidenceLine | None) -> instruments.SectionReading | None:
    """What the lab answered about one evidence item."""
    filed = file.filed
    if line is None or filed is None or "evaluation_evidence" not in filed.instruments:
        return None
    form = instruments.load("evaluation_evidence", filed.instruments["evaluation_evidence"])
    whole = instruments.read_item(form, line.item.attributes, filed.answers)
    said = tuple(answer for answer in whole.answers if answer.kind != "empty" or answer.gap)
    return msgspec.structs.replace(whole, answers=said)


def _evidence_href(here: Here, file: CaseFile, id: str) -> str:
    number = next((line.item.number for line in file.evidence if id in (line.item.id, line.item.number)), id)
    return url_for("agency.item", case_id=case_id(here), number=number)


# Evidence ----------------------------------------------------------------------------------------


@case_page("/cases/<case_id>/evidence", "evidence")
def evidence(here: Here) -> Response:
    """All items at a glance, or one domain with its chart and table."""
    return _evidence(here, None)


@case_page("/cases/<case_id>/evidence/<number>", "item")
def item(here: Here, number: str) -> Response:
    """One item beside the table: why its grade, where its numbers are from, what the reader noted."""
    return _evidence(here, number)


def _evidence(here: Here, number: str | None) -> Response:
    file = case_file(here)
    chosen = next((line for line in file.evidence if line.item.number == number), None)
    if number is not None and chosen is None:
        abort(404)
    wanted = request.args.get("domain", "")
    domain = Domain(wanted) if wanted in Domain.__members__ else None
    lines = [line for line in file.evidence if domain is None or line.item.domain is domain]
    overview = domain is None and number is None and wanted != "ALL" and len(file.evidence) > 6
    return render(
        here,
        "agency/evidence.html",
        "evidence",
        file=file,
        title=number or "Evidence",
        filters_items=_filters(file, domain, overview),
        panels=domain_panels(case_id(here), file.evidence) if overview else [],
        chart=None if overview else picture(lines, "evidence"),
        rows=table_rows(case_id(here), lines, domain.value if domain else ""),
        domain=domain,
        overview=overview,
        chosen=chosen,
        source=source_of(here, chosen) if chosen else None,
        said=_said_of(file, chosen),
        evidence_href=lambda id: _evidence_href(here, file, id),
        chosen_picture=small_picture([chosen], "chosen-chart") if chosen and overview else None,
        standing=standing,
    )


def _filters(file: CaseFile, current: Domain | None, overview: bool) -> list[dict[str, Any]]:
    case = file.header.case_id
    items = []
    if len(file.evidence) > 6:
        items.append(
            {"label": "Overview", "href": url_for("agency.evidence", case_id=case), "current": overview}
        )
    for domain in Domain:
        count = sum(line.item.domain is domain for line in file.evidence)
        if count:
            href = url_for("agency.evidence", case_id=case, domain=domain.value)
            items.append({"label": domain.label, "href": href, "count": count, "current": domain is current})
    everything = url_for("agency.evidence", case_id=case, domain="ALL")
    current_all = current is None and not overview
    items.append({"label": "All", "href": everything, "count": len(file.evidence), "current": current_all})
    return items


def source_of(here: Here, line: EvidenceLine) -> dict[str, Any]:
    """What the panel beside the table says of one item."""
    one, given = line.item, line.item.attributes
    facts: list[dict[str, Any]] = [{"label": f"Why {line.grade.letter.label}", "value": line.grade.sentence}]
    facts += [
        {
            "label": "Supports",
            "value": f"{m.measurement.benchmark}: {m.measurement.supports or (m.measurement.claim.label if m.measurement.claim else 'no claim')}",
        }
        for m in line.lines[:2]
    ]
    tool = " ".join(part for part in (one.tool, one.tool_version) if part)
    match = one.match
    facts += [
        {"label": "Tool", "value": tool or "No reader knows the file. It is kept as it is."},
        {"label": "Run", "value": one.status},
        {
            "label": "About",
            "value": (
                f"{'The model under review' if match.is_subject else 'Another model'}: {match.named or 'not named'}. "
                f"{match.note} Stated by {match.by_name}."
            )
            if match
            else f"{one.subject or 'Not named in the file'}. Nobody has matched it.",
        },
    ]
    if given.get("checkpoint_delta"):
        facts.append({"label": "Bridge", "value": str(given["checkpoint_delta"])})
    if one.answers_request:
        facts.append({"label": "Came with", "value": f"the answer to {one.answers_request}"})
    if line.cited_by:
        facts.append({"label": "Cited by", "value": ", ".join(line.cited_by)})
    return {
        "id": one.number,
        "grade": None if line.grade.letter.value == "NONE" else line.grade.letter.value,
        "title": one.title,
        "facts": facts,
        "numbers": line.lines,
        "files": [
            {
                "name": file.name,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "href": url_for("agency.original", case_id=case_id(here), number=one.number, n=place),
            }
            for place, file in enumerate(one.files)
        ],
        "problems": one.problems,
        "also_read": also_read(here, line),
        "cite": _cite_address(here, line),
    }


class _Number(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a stored reading, as `review evidence read --json` prints it."""

    benchmark: str | None = None
    metric: str
    scorer: str | None = None
    filter: str | None = None
    value: float | str
    pointer: str | None = None


class _Run(msgspec.Struct, frozen=True, kw_only=True):
    measurements: tuple[_Number, ...] = ()


class _Reading(msgspec.Struct, frozen=True, kw_only=True):
    runs: tuple[_Run, ...] = ()


def also_read(here: Here, line: EvidenceLine) -> list[dict[str, str]]:
    """What the reader found beside the confirmed numbers: shown as the file has it, never counted."""
    sha256, case = line.item.reading, case_id(here)
    if sha256 is None or not here.office.files.exists(case, sha256):
        return []
    reading = msgspec.json.decode(here.office.files.read(case, sha256), type=_Reading)
    confirmed = {m.pointer for m in line.item.measurements}
    return [
        {
            "name": " ".join(part for part in (one.benchmark, one.metric, one.scorer) if part),
            "filter": one.filter or "",
            "value": str(one.value),
            "pointer": one.pointer or "",
        }
        for run in reading.runs
        for one in run.measurements
        if one.pointer not in confirmed
    ]


def _cite_address(here: Here, line: EvidenceLine) -> str | None:
    """Where this person writes a finding that may cite the item."""
    f = here.facts
    if refusals(ROW[Act.WRITE_FINDING], f) or not standing(line) or not f.my_disciplines:
        return None
    discipline = min(f.my_disciplines)
    return (
        url_for(
            "agency.discipline", case_id=case_id(here), discipline=discipline.value, cite=line.item.number
        )
        + "#finding"
    )


@page(blueprint, "/cases/<case_id>/evidence/<number>/files/<int:n>", get="case:see", endpoint="original")
def original(here: Here, number: str, n: int) -> Response:
    """The bytes as they were filed, always as a download, never shown by the browser."""
    item_ = next((one for one in here.facts.evidence if one.number == number), None)
    if item_ is None or n >= len(item_.files):
        abort(404)
    file = item_.files[n]
    case = case_id(here)
    store = here.office.files
    if not store.exists(case, file.sha256):
        abort(404)
    here.release()
    response = Response(
        stream_with_context(store.stream(case, file.sha256)), mimetype="application/octet-stream"
    )
    safe = (
        "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in file.name)[-120:] or "file"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    response.headers["Content-Length"] = str(file.bytes)
    return response


# The record --------------------------------------------------------------------------------------


@case_page("/cases/<case_id>/record", "record")
def record(here: Here) -> Response:
    """Everything that happened, who signed what, and which documents are owed."""
    file = case_file(here, entries=True)
    return render(
        here,
        "agency/record.html",
        "record",
        file=file,
        days=_grouped(file),
        refused_count=sum(entry.refused for entry in file.timeline),
        show_refused=request.args.get("show") == "refused",
        dossier_href=_if_registered("documents.dossier", here),
        parts=PARTS,
    )


def _grouped(file: CaseFile) -> list[dict[str, Any]]:
    """Events newest first; the same act of the same person, several times in a row, is one line."""
    lines: list[dict[str, Any]] = []
    for entry in reversed(file.timeline):
        last = lines[-1] if lines else None
        plain = not (entry.moves or entry.refused or entry.detail)
        if last and plain and last["plain"] and (entry.act, entry.who) == (last["act"], last["who"]):
            last["count"] += 1
            last["first"] = entry.index
            continue
        lines.append(
            {
                "entry": entry,
                "act": entry.act,
                "who": entry.who,
                "plain": plain,
                "count": 1,
                "first": entry.index,
            }
        )
    return lines


def _if_registered(endpoint: str, here: Here) -> str | None:
    """The address of a page of another room, where that room is installed."""
    if endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, case_id=case_id(here))
