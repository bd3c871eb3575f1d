"""A lab's evidence: the list, one item with what was read in it, confirming numbers, matching the model."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from flask import Response, abort, request, stream_with_context
from werkzeug.http import dump_options_header

from forms.from_instrument import QuestionsForm, section_form
from review.acts.evidence_files import proposals
from review.acts.office import Office
from review.casefile import gather
from review.evidence import Reading, ReadMeasurement, Run, Uncertainty, propose
from review.evidence.reading import FileDigest, Problem
from review.rules import evidence as judging
from review.rules import instruments
from review.rules.entities import EvidenceItem, EvidenceMeasurement
from review.rules.evidence import RESULTS, MetricType
from review.rules.given import Confirmation, Match, Withdrawal
from review.rules.refusals import Refusal
from review.rules.vocabulary import Act, Domain
from review.rules.workflow import ROW, refusals
from review.web.access import page
from review.web.here import Here
from review.web.lab_case import EVIDENCE_OPEN, address, blueprint, frame

PAGE = 60
"""Numbers on one page of an item; a file may state thousands."""
ITEM = "item"


def evidence(here: Here) -> Response:
    """The list of a case's evidence, with what each item still needs."""
    return evidence_page(here)


@page(blueprint, "/cases/<case_id>/filing/evidence", get="case:lab", endpoint="evidence_list")
def evidence_list(here: Here) -> Response:
    """The list, as a part of the filing."""
    return evidence_page(here)


def evidence_page(here: Here, results: list[dict[str, Any]] | None = None, status: int = 200) -> Response:
    """The list of evidence with the way to add more; after an upload, what became of each file."""
    case = here.case
    assert case is not None
    items = [_line(item) for item in here.facts.evidence]
    return here.answer(
        "lab/evidence.html",
        status,
        **frame(here, "filing", "Evidence"),
        items=items,
        results=results or [],
        open=case.state in EVIDENCE_OPEN,
        request_number=here.facts.open_request.number if here.facts.open_request else "",
    )


def _line(item: EvidenceItem) -> dict[str, Any]:
    grade = judging.grade_of_item(item)
    return {"item": item, "grade": grade, "needs": needs(item), "read": kind_of(item)}


def kind_of(item: EvidenceItem) -> str:
    """How an item was read, in words."""
    if item.format is None:
        return "Kept as an attachment, no reader knows it"
    names = {"inspect": "Inspect log", "lm-eval": "lm-evaluation-harness results", "helm": "HELM run"}
    tool = names.get(item.format, item.format)
    return f"{tool}{f', {item.tool_version}' if item.tool_version else ''}"


def needs(item: EvidenceItem) -> list[str]:
    """What a person has still to say about an item."""
    if item.withdrawn is not None:
        return []
    found = []
    if item.format is not None and item.status in RESULTS and not item.measurements:
        found.append("Confirm its numbers")
    if item.subject and item.match is None:
        found.append("Match the model")
    if any(problem.missing for problem in item_problems(item.attributes)):
        found.append("Describe it")
    return found


def item_problems(attributes: Mapping[str, Any]) -> list[instruments.Problem]:
    """What is missing or wrong in the description of an item."""
    form = instruments.load("evaluation_evidence", instruments.CURRENT["evaluation_evidence"])
    return form.judge_section(ITEM, dict(attributes))


# One item ---------------------------------------------------------------------------------------


class ItemPage:
    """One evidence item with its reading and the form that describes it."""

    def __init__(self, here: Here, evidence_id: str) -> None:
        assert here.case is not None
        self.here = here
        self.case_id = here.case.id
        found = here.facts.evidence_by_id.get(evidence_id)
        if found is None:
            found = next((one for one in here.facts.evidence if one.number == evidence_id), None)
        if found is None:
            abort(404)
        self.item = found
        self.reading = reading_of(here.office, self.case_id, found)
        self.proposed = proposals(self.reading) if self.reading else ()
        self.instrument = instruments.load("evaluation_evidence", instruments.CURRENT["evaluation_evidence"])

    @property
    def path(self) -> str:
        return address(self.case_id, f"filing/evidence/{self.item.id}")

    @property
    def may_change(self) -> bool:
        state = self.here.facts.state
        return state in EVIDENCE_OPEN and self.item.withdrawn is None

    def form(self, posted: Any = None) -> QuestionsForm:
        """The description: what is recorded; before that, what the file itself says."""
        data = self.item.attributes or described_by(self.item, self.reading, self.proposed)
        made: QuestionsForm = section_form(self.instrument, ITEM)(posted, data=data)
        return made

    def arranged(self, form: QuestionsForm, *, with_missing: bool) -> list[instruments.Problem]:
        """Arrange the form; returns what is wrong, or all problems where missing ones are wanted too."""
        answers = form.answers()
        filing = gather.drafts(self.here.conn, self.case_id)
        problems = self.instrument.judge_section(
            ITEM, answers, filing.get(self.instrument.name) or {}, filing
        )
        shown = problems if with_missing else [one for one in problems if not one.missing]
        scope = self.instrument.scope(
            ITEM, {**(filing.get(self.instrument.name) or {}), ITEM: answers}, filing
        )
        form.arrange(scope, shown)
        return shown


def reading_of(office: Office, case_id: str, item: EvidenceItem) -> Reading | None:
    """What the reader found when the item was attached; None for an attachment."""
    if item.reading is None:
        return None
    try:
        document = msgspec.json.decode(office.files.read(case_id, item.reading))
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return _reading(document)


def _reading(document: dict[str, Any]) -> Reading:
    """A reading from its own document, numbers to full precision."""
    runs = tuple(
        Run(**{**run, "other_models": tuple(run["other_models"]), "measurements": tuple(_measured(run))})
        for run in document["runs"]
    )
    return Reading(
        **{
            **document,
            "files": tuple(FileDigest(**one) for one in document["files"]),
            "problems": tuple(Problem(**one) for one in document["problems"]),
            "runs": runs,
        }
    )


def _measured(run: Mapping[str, Any]) -> Iterator[ReadMeasurement]:
    for one in run["measurements"]:
        uncertainty = tuple(_uncertainty(each) for each in one["uncertainty"])
        yield ReadMeasurement(**{**one, "value": float(one["value"]), "uncertainty": uncertainty})


def _uncertainty(each: Mapping[str, Any]) -> Uncertainty:
    bounds: dict[str, Any] = {key: _float(value) for key, value in each.items() if key != "kind"}
    return Uncertainty(kind=each["kind"], **bounds)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def described_by(
    item: EvidenceItem, reading: Reading | None, proposed: tuple[EvidenceMeasurement, ...]
) -> dict[str, Any]:
    """What a file itself says of an item, as answers that wait for a person."""
    if reading is None or not reading.runs:
        return {"title": item.title}
    run = reading.runs[0]
    first = next(((one, each) for one in reading.runs for each in one.measurements), (None, None))
    found: dict[str, Any] = {
        "title": item.title,
        "suite_name": run.benchmark,
        "suite_version": run.task_version,
        "model_ref": run.subject,
        "run_id": run.run_id or run.eval_id,
        "tool": f"{reading.tool or ''} {reading.tool_version or ''}".strip(),
        "log_digest": reading.sha256,
        "started_on": (run.started or "")[:10],
        "finished_on": (run.completed or "")[:10],
        "n_items": str(run.n_samples) if run.n_samples else None,
    }
    if first[0] is not None and first[1] is not None:
        words = propose(first[1], first[0])
        found |= {"domain": words.domain, "method": words.method, "metric_type": words.metric_type}
    return {key: value for key, value in found.items() if value}


@page(blueprint, "/cases/<case_id>/filing/evidence/<evidence_id>", get="case:lab", post="case:lab")
def evidence_item(here: Here, evidence_id: str) -> Response:
    """One item: its files, what was read, what a person says of it. A post confirms numbers and description."""
    one = ItemPage(here, evidence_id)
    if request.method == "POST":
        return _confirm(one)
    return show_item(one, one.form(), with_missing="missing" in request.args)


def _confirm(one: ItemPage) -> Response:
    here, posted = one.here, one.here.form
    form = one.form(posted)
    answers = form.answers()
    chosen = chosen_measurements(one, posted)
    filing = gather.drafts(here.conn, one.case_id)
    domain = answers.get("domain")
    given = Confirmation(
        evidence_id=one.item.id,
        measurements=chosen,
        domain=Domain(domain)
        if isinstance(domain, str) and domain in Domain.__members__
        else one.item.domain,
        attributes=one.instrument.filed_item(answers, filing),
    )

    def again(found: tuple[Refusal, ...]) -> Response:
        fresh = section_form(one.instrument, ITEM)(None, data=answers)
        return show_item(one, fresh, refused=found, chosen=chosen)

    wrong = [
        problem for problem in one.instrument.judge_section(ITEM, answers, {}, filing) if not problem.missing
    ]
    said = f"Saved. {len(chosen)} {'number is' if len(chosen) == 1 else 'numbers are'} confirmed."
    to = f"{one.path}?missing=1" if wrong else one.path
    return here.do(Act.CONFIRM_MEASUREMENT, given, to=to, again=again, said=said)


def chosen_measurements(one: ItemPage, posted: Any) -> tuple[EvidenceMeasurement, ...]:
    """The numbers that a person ticked, with what was said of each; those of other pages stay as they were."""
    shown = set(posted.getlist("shown"))
    ticked = set(posted.getlist("measurement"))
    before = {each.id: each for each in one.item.measurements}
    found = []
    for each in one.proposed:
        if each.id not in shown:
            if each.id in before:
                found.append(before[each.id])
            continue
        if each.id in ticked:
            found.append(_said(each, posted))
    return tuple(found)


def _said(each: EvidenceMeasurement, posted: Any) -> EvidenceMeasurement:
    claim = posted.get(f"{each.id}-claim", "")
    kind = posted.get(f"{each.id}-kind", "")
    return msgspec.structs.replace(
        each,
        claim=Domain(claim) if claim in Domain.__members__ else None,
        metric_type=kind if kind in MetricType.__members__ else None,
        supports=posted.get(f"{each.id}-supports", "").strip()[:2000],
        threshold=posted.get(f"{each.id}-threshold", "").strip()[:40] or None,
        threshold_note=posted.get(f"{each.id}-note", "").strip()[:500],
    )


def show_item(
    one: ItemPage,
    form: QuestionsForm,
    *,
    with_missing: bool = False,
    refused: tuple[Refusal, ...] = (),
    what: str = "confirming the numbers",
    chosen: tuple[EvidenceMeasurement, ...] | None = None,
) -> Response:
    """The page of one item."""
    here = one.here
    shown = one.arranged(form, with_missing=with_missing)
    confirmed = {each.id: each for each in (chosen if chosen is not None else one.item.measurements)}
    asked = request.args.get("from", "")
    start = int(asked) if asked.isdecimal() and len(asked) < 16 else 0
    start = min(start, max(0, len(one.proposed) - 1)) // PAGE * PAGE
    rows = [_row(one, each, confirmed.get(each.id)) for each in one.proposed[start : start + PAGE]]
    return here.answer(
        "lab/item.html",
        **frame(here, "filing", f"{one.item.number} {one.item.title}"),
        item=one.item,
        line=_line(one.item),
        reading=one.reading,
        kind=kind_of(one.item),
        rows=rows,
        start=start,
        total=len(one.proposed),
        older=f"{one.path}?from={start + PAGE}" if start + PAGE < len(one.proposed) else None,
        newer=f"{one.path}?from={max(0, start - PAGE)}" if start else None,
        confirmed=len(confirmed),
        form=form,
        summary=[{"text": each.sentence, "href": f"#{each.field}"} for each in shown],
        path=one.path,
        may_change=one.may_change,
        may_withdraw=not refusals(ROW[Act.WITHDRAW_EVIDENCE], here.facts) and one.item.withdrawn is None,
        result=one.item.status in RESULTS,
        described=bool(one.item.attributes),
        domains=[(each.value, each.label) for each in Domain],
        kinds=[(each.value, each.label) for each in MetricType],
        refused=refused,
        what=what,
        typed=here.form,
        filed_model=f"{one.here.case.model_name} {one.here.case.model_version}".strip()
        if one.here.case
        else "",
    )


def _row(one: ItemPage, each: EvidenceMeasurement, confirmed: EvidenceMeasurement | None) -> dict[str, Any]:
    shown = confirmed or msgspec.structs.replace(each, claim=one.item.domain)
    interval = judging.interval_of_measured(shown, one.item.attributes).shown
    return {
        "id": each.id,
        "checked": confirmed is not None,
        "one": shown,
        "name": each.metric if not each.filter or each.filter == "none" else f"{each.metric}, {each.filter}",
        "benchmark": each.benchmark,
        "interval": judging.interval_text(interval) if interval is not None else "no interval",
    }


@page(blueprint, "/cases/<case_id>/filing/evidence/<evidence_id>/match", post="case:lab")
def match(here: Here, evidence_id: str) -> Response:
    """Say whether the model that a file names is the filed one, and how one knows."""
    one = ItemPage(here, evidence_id)
    given = Match(
        evidence_id=one.item.id,
        is_subject=here.form.get("is_subject") == "yes",
        note=here.form.get("note", "").strip() if here.form.get("is_subject") in {"yes", "no"} else "",
    )
    return here.do(
        Act.MATCH_SUBJECT,
        given,
        to=one.path,
        again=lambda found: show_item(one, one.form(), refused=found, what="matching the model"),
    )


@page(blueprint, "/cases/<case_id>/filing/evidence/<evidence_id>/withdraw", post="case:lab")
def withdraw_item(here: Here, evidence_id: str) -> Response:
    """Take an item out of the filing, with a reason. It stays readable."""
    one = ItemPage(here, evidence_id)
    given = Withdrawal(target=one.item.id, reason=here.form.get("reason", "").strip())
    return here.do(
        Act.WITHDRAW_EVIDENCE,
        given,
        to=address(one.case_id, "filing/evidence"),
        again=lambda found: show_item(one, one.form(), refused=found, what="withdrawing the item"),
    )


@page(blueprint, "/cases/<case_id>/filing/evidence/<evidence_id>/files/<sha256>", get="case:lab")
def original(here: Here, evidence_id: str, sha256: str) -> Response:
    """A file as it was attached, to be saved; never shown in the browser."""
    one = ItemPage(here, evidence_id)
    kept = next((file for file in one.item.files if file.sha256 == sha256), None)
    if kept is None or not here.office.files.exists(one.case_id, sha256):
        abort(404)
    name = kept.name.replace("\\", "/").rsplit("/", 1)[-1]
    here.release()
    response = Response(
        stream_with_context(here.office.files.stream(one.case_id, sha256)),
        mimetype="application/octet-stream",
    )
    response.headers["Content-Length"] = str(kept.bytes)
    response.headers["Content-Disposition"] = dump_options_header(
        "attachment", {"filename": name.encode("ascii", "replace").decode()}
    )
    return response
