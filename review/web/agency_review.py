"""The discipline reviews: the grid of all, and the page on which a reviewer writes, concludes and signs."""

from typing import Any

import msgspec
from flask import Response, abort, request, url_for

from forms import finding as finding_forms
from forms import review as review_forms
from forms.posted import Problem, action
from forms.team import posted_reason
from review.casefile.shape import CaseFile, ReviewLine
from review.rules.entities import DisciplineReview, Finding
from review.rules.given import ReviewOf
from review.rules.intervals import number_text
from review.rules.vocabulary import Act, Conclusion, Discipline, Domain, Role, Severity
from review.rules.workflow import ROW, refusals
from review.web.access import page
from review.web.agency_brief import squares_of
from review.web.agency_charts import best_first, small_picture, standing
from review.web.cases import Shown, blueprint, case_file, case_id, case_page, refusing, render
from review.web.here import Here

SEVERITY_WORDS = (
    (Severity.MINOR, "Worth recording"),
    (Severity.MAJOR, "Needs an answer"),
    (Severity.DECISIVE, "Alone could decide"),
)


@case_page("/cases/<case_id>/review", "review")
def review(here: Here) -> Response:
    """The six disciplines: who, how far, which findings."""
    file = case_file(here)
    due = next((one.on for one in file.header.milestones if one.key == "reviews_signed"), None)
    late = bool(due and due < here.today)
    states = (
        {one["discipline"]: one["state"] for one in squares_of(here.facts, late)} if here.facts.cycle else {}
    )
    rows = [
        _grid_row(here, file, discipline, states.get(discipline.label, "not_open"))
        for discipline in file.disciplines
    ]
    live = {line.review.id for line in file.reviews if not line.review.superseded}
    superseded = [line for line in file.reviews if line.review.id not in live]
    return render(
        here,
        "agency/review.html",
        "review",
        file=file,
        rows=rows,
        total=_total(rows),
        due=due,
        findings=[x for line in file.reviews if line.review.id in live for x in line.findings],
        reviews=[
            line
            for line in file.reviews
            if line.review.id in live and (line.review.conclusion or line.signed)
        ],
        superseded=superseded,
        grades={line.item.id: line.grade.letter.label for line in file.evidence},
        is_lead=Role.LEAD in here.facts.my_roles,
    )


def _line(file: CaseFile, discipline: Discipline) -> ReviewLine | None:
    return next(
        (x for x in file.reviews if x.review.discipline is discipline and not x.review.superseded), None
    )


def _grid_row(here: Here, file: CaseFile, discipline: Discipline, state: str) -> dict[str, Any]:
    line = _line(file, discipline)
    own = [x for x in line.findings if x.withdrawn is None] if line else []
    counts = {s.value.lower(): sum(x.severity is s for x in own) for s in Severity}
    conclusion = line.review.conclusion if line else None
    missing, meta = _missing(line, len(own))
    return {
        "discipline": discipline.label,
        "href": url_for("agency.discipline", case_id=file.header.case_id, discipline=discipline.value),
        "reviewer": line.who if line else "Nobody assigned",
        "state": state,
        "position": conclusion.label if conclusion else "Not stated",
        "position_meta": "",
        "missing": missing,
        "missing_meta": meta,
        "signed": f"{line.review.signed_on:%-d %b}"
        if line and line.signed and line.review.signed_on
        else "Not yet",
        "is_signed": bool(line and line.signed),
        **counts,
    }


def _missing(line: ReviewLine | None, findings: int) -> tuple[str, str]:
    if line is None:
        return "Reviewer", "the lead assigns one"
    if line.signed:
        return "Nothing", ""
    if line.review.conclusion is None:
        return "Conclusion", f"{findings} written" if findings else "nothing written yet"
    if line.review.conclusion is not Conclusion.NO_CONCERN and not findings:
        return "Finding", "a concern needs one"
    return "Signature", "ready to sign"


def _total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    stated = sum(row["position"] != "Not stated" for row in rows)
    signed = sum(row["is_signed"] for row in rows)
    return {
        "position": f"{stated} of {len(rows)} stated",
        "decisive": sum(row["decisive"] for row in rows),
        "major": sum(row["major"] for row in rows),
        "minor": sum(row["minor"] for row in rows),
        "missing": "Nothing" if rows and signed == len(rows) else "All reviews signed",
        "signed": f"{signed} of {len(rows)}",
    }


# One discipline ----------------------------------------------------------------------------------


def _known(discipline: str) -> Discipline:
    if discipline not in Discipline.__members__:
        abort(404)
    return Discipline(discipline)


@case_page("/cases/<case_id>/review/<discipline>", "discipline")
def discipline(here: Here, discipline: str) -> Response:
    """A review: its author writes, others read."""
    return show(here, _known(discipline))


def show(
    here: Here,
    which: Discipline,
    *,
    finding: finding_forms.FindingForm | None = None,
    conclusion: review_forms.ConclusionForm | None = None,
    problems: tuple[Problem, ...] = (),
    refused: Shown | None = None,
    status: int = 200,
) -> Response:
    file = case_file(here)
    f = here.facts
    line = _line(file, which)
    own = _own(here, which)
    writes = own is not None and not refusals(ROW[Act.WRITE_FINDING], f)
    among = finding_forms.citable(f.evidence)
    edited = next((x for x in f.live_findings if x.id == request.args.get("revise")), None)
    form = finding or (finding_forms.stored(edited, among) if edited else _cited_first(which, among))
    signing = _signing_refusals(here, which)
    return render(
        here,
        "agency/discipline.html",
        "review",
        title=which.label,
        file=file,
        refused=refused,
        problems=problems,
        status=status,
        discipline=which,
        line=line,
        writes=writes,
        finding=form,
        editing=bool(form.target),
        conclusion=conclusion or (review_forms.stored(own) if own else None),
        evidence=_evidence(file, which, among),
        findings=[_finding_card(file, x, line) for x in (line.findings if line else ())],
        severities=SEVERITY_WORDS,
        domains=list(Domain),
        conclusions=list(Conclusion),
        may_sign=writes and not signing and not (line and line.signed),
        sign_refusal=signing[0] if signing else None,
        due=next((one.on for one in file.header.milestones if one.key == "reviews_signed"), None),
        count=sum(x.withdrawn is None for x in (line.findings if line else ())),
    )


def _own(here: Here, which: Discipline) -> DisciplineReview | None:
    return next(
        (r for r in here.facts.live_reviews if r.discipline is which and r.person_id == here.person.id), None
    )


def _signing_refusals(here: Here, which: Discipline) -> tuple[Any, ...]:
    given = msgspec.structs.replace(here.facts, given=ReviewOf(discipline=which))
    return refusals(ROW[Act.SIGN_REVIEW], given)


def _cited_first(which: Discipline, among: tuple[finding_forms.Citable, ...]) -> finding_forms.FindingForm:
    """An empty finding; `?cite=EV-07` cites that item's first measurement already."""
    wanted = request.args.get("cite", "")
    first = next((one for one in among if wanted and one.item.number == wanted), None)
    form = finding_forms.empty(which)
    return msgspec.structs.replace(form, cited={first.key: first.locator}) if first else form


def _evidence(
    file: CaseFile, which: Discipline, among: tuple[finding_forms.Citable, ...]
) -> list[dict[str, Any]]:
    """Items that may be cited: those of the discipline's domain first, best grade first; each with its parts."""
    wanted = finding_forms.DOMAIN_OF[which]
    lines = [line for line in best_first(file.evidence) if standing(line)]
    lines.sort(key=lambda line: line.item.domain is not wanted)
    found = []
    for line in lines:
        parts = [one for one in among if one.item.id == line.item.id]
        number = number_text(line.lines[0].measurement.value) if line.lines else None
        own = line.item.domain is wanted
        found.append(
            {
                "id": line.item.number,
                "href": url_for("agency.item", case_id=file.header.case_id, number=line.item.number),
                "label": line.item.title,
                "value": number,
                "grade": line.grade.letter.value,
                "parts": parts,
                "own": own,
                "picture": small_picture([line], f"cite-{line.item.number}") if own else None,
            }
        )
    return found


def _finding_card(file: CaseFile, x: Finding, line: ReviewLine | None) -> dict[str, Any]:
    grades = {one.item.id: one.grade.letter.label for one in file.evidence}
    state = "withdrawn" if x.withdrawn is not None else "signed" if line and line.signed else "draft"
    return {
        "record": x,
        "grades": grades,
        "number": x.number,
        "statement": x.statement,
        "meta": f"{x.domain.label}{f', tier {x.tier}' if x.tier is not None else ''}",
        "severity": x.severity.label.lower(),
        "evidence": [
            {
                "id": c.number,
                "href": url_for("agency.item", case_id=file.header.case_id, number=c.number),
                "grade": grades.get(c.evidence_id),
            }
            for c in x.citations
        ],
        "state": state,
    }


def _to(here: Here, which: Discipline, anchor: str = "") -> str:
    address = url_for("agency.discipline", case_id=case_id(here), discipline=which.value)
    return f"{address}#{anchor}" if anchor else address


@page(blueprint, "/cases/<case_id>/review/<discipline>/finding", post="case:see", endpoint="save_finding")
def save_finding(here: Here, discipline: str) -> Response:
    """Keep a finding, new or revised."""
    which = _known(discipline)
    among = finding_forms.citable(here.facts.evidence)
    form = finding_forms.posted(here.form, which, among)
    if form.problems and not here.person.is_lab:
        return show(here, which, finding=form, problems=form.problems, status=422)
    act = Act.REVISE_FINDING if form.target else Act.WRITE_FINDING
    verb, _ = action(here.form)
    if form.problems:
        return here.redirect("agency.review", case_id=case_id(here))
    return here.do(
        act,
        form.given(among),
        to=_to(here, which, "finding" if verb == "another" else "findings"),
        again=refusing(here, act, lambda shown: show(here, which, finding=form, refused=shown)),
    )


@page(
    blueprint, "/cases/<case_id>/review/<discipline>/withdraw", post="case:see", endpoint="withdraw_finding"
)
def withdraw_finding(here: Here, discipline: str) -> Response:
    """Withdraw one's own finding, with the reason; it stays readable."""
    which = _known(discipline)
    form = posted_reason(here.form)
    if form.problems and not here.person.is_lab:
        return show(here, which, problems=form.problems, status=422)
    act = Act.WITHDRAW_FINDING
    return here.do(
        act,
        form.withdrawal,
        to=_to(here, which, "findings"),
        again=refusing(here, act, lambda shown: show(here, which, refused=shown)),
    )


@page(blueprint, "/cases/<case_id>/review/<discipline>/conclusion", post="case:see", endpoint="conclude")
def conclude(here: Here, discipline: str) -> Response:
    """State scope, conclusion and summary; then read and sign, if that was the button."""
    which = _known(discipline)
    form = review_forms.posted(here.form, which)
    if form.problems and not here.person.is_lab:
        return show(here, which, conclusion=form, problems=form.problems, status=422)
    if form.problems:
        return here.redirect("agency.review", case_id=case_id(here))
    verb, _ = action(here.form)
    sign = url_for("agency.sign_review", case_id=case_id(here), discipline=which.value)
    act = Act.CONCLUDE_REVIEW
    return here.do(
        act,
        form.given,
        to=sign if verb == "sign" else _to(here, which, "conclude"),
        again=refusing(here, act, lambda shown: show(here, which, conclusion=form, refused=shown)),
    )


@page(blueprint, "/cases/<case_id>/review/<discipline>/sign", get="case:see", endpoint="sign_review")
def sign_review(here: Here, discipline: str) -> Response:
    """Read what will be signed, then sign it."""
    which = _known(discipline)
    return here.sign(
        Act.SIGN_REVIEW,
        ReviewOf(discipline=which),
        title=f"Sign the {which.label} review",
        to=_to(here, which),
        preview_template="agency/preview.html",
    )
