"""Builds a dossier: gather, write the sections as HTML, print them in a limited child."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment
from markupsafe import Markup

from review.casefile.shape import CaseFile
from review.dossier import assets, child, figures, words
from review.dossier.material import Material, Office, gathered, name_of
from review.dossier.render import Order
from review.dossier.sections import Chapter, chapters, readings
from review.printing.charts.clock_bar import clock_bar, facts_of
from review.printing.environment import make_environment
from review.printing.filters import day_words
from review.rules import conditions, policy, reasons
from review.rules.condition_types import CHANNELS
from review.rules.vocabulary import Audience, Discipline
from review.settings import asset_root

EDITIONS = (Audience.INTERNAL_FULL, Audience.LAB)
TEMPLATE_VERSION = "1"
LETTERS_A_PAGE = 5200
"""HTML letters on a page of an ordinary dossier: for the forecast only."""

CLOCK_WIDTH = 740.0


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier: its bytes, their SHA-256 in hexadecimal, the ledger index it tells of, its number of pages."""

    pdf: bytes
    sha256: str
    index: int
    pages: int


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far printing is. Pages may be laid out more than once, so the number can fall."""

    page: int
    about: int

    @property
    def words(self) -> str:
        return f"page {self.page} of about {max(self.about, self.page)}"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The HTML of a dossier ready to print, and a way to print one section by itself."""

    order: Order
    index: int
    chapters: tuple[Chapter, ...]
    alone: Callable[[Chapter], Order]


def build(
    office: Office,
    case_id: str,
    edition: Audience,
    at: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Built:
    """The dossier of a case as PDF, as of ledger entry `at` or the case's newest that matters.

    The same case, edition and entry make the same bytes. Raises ValueError for an edition that is not printed,
    NotThere when the case has no such state, NotPrinted with the section that failed.
    """
    page = compose(office, case_id, edition, at)
    about = max(1, len(page.order.html) // LETTERS_A_PAGE)
    last = 0

    def tell(number: int) -> None:
        nonlocal last
        last = max(last, number)
        if progress:
            progress(Progress(page=number, about=about))

    try:
        pdf = child.print_order(page.order, tell)
    except child.NotPrinted as failure:
        raise child.NotPrinted(f"{_culprit(page)} could not be printed. {failure}") from failure
    return Built(pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), index=page.index, pages=last)


def compose(office: Office, case_id: str, edition: Audience, at: int | None = None) -> Page:
    """The order that `build` prints; apart, so that a bench can print the same by WeasyPrint alone."""
    if edition not in EDITIONS:
        raise ValueError(f"The edition {edition.value} is not printed.")
    material = gathered(office, case_id, edition, at)
    static = asset_root() / "static"
    values = _values(office, material)
    environment = _environment(policy.load(material.case.header.policy).agency.timezone)
    bodies = {each.key: _body(environment, each, values) for each in values["chapters"]}
    whole = environment.get_template("dossier/document.html")
    identifier = _identifier(material, edition)

    def order(keys: tuple[str, ...], *, alone: bool) -> Order:
        html = whole.render(**values, bodies=[bodies[key] for key in keys], alone=alone)
        return Order(
            html=assets.drawable(html, static),
            assets=_encoded(static),
            attachments=() if alone else _attachments(material),
            stamp=material.place.at.isoformat(),
            identifier=identifier,
        )

    return Page(
        order=order(tuple(bodies), alone=False),
        index=material.place.index,
        chapters=values["chapters"],
        alone=lambda chapter: order((chapter.key,), alone=True),
    )


def _body(environment: Environment, chapter: Chapter, values: dict[str, Any]) -> Markup:
    html = environment.get_template(f"dossier/{chapter.key}.html").render(**values, chapter=chapter)
    return Markup(html)  # noqa: S704 - the template escaped it


def _values(office: Office, material: Material) -> dict[str, Any]:
    """All that the templates read."""
    order = list(Discipline)
    reviews = tuple(sorted(material.case.reviews, key=lambda line: order.index(line.review.discipline)))
    file = msgspec.structs.replace(material.case, reviews=reviews)
    filed = readings(file)
    evidence = figures.by_domain(file.evidence)
    title, sentence = words.headline(file)
    edition = words.EDITIONS[file.audience]
    return {
        "site": office.settings.site_name,
        "agency": office.settings.agency_name,
        "demonstration": office.settings.demonstration,
        "paper": "a4" if office.settings.paper.lower() == "a4" else "letter",
        "file": file,
        "head": file.header,
        "place": material.place,
        "chapters": chapters(file, filed, evidence),
        "filed": filed,
        "evidence": evidence,
        "numbers": {line.item.id: line.item.number for line in file.evidence},
        "records": words.records(file),
        "outcome": title,
        "outcome_sentence": sentence,
        "summary": words.summary(file),
        "ending": words.ending(file),
        "decisive": words.decisive(file),
        "decided_by": words.decided_by(file),
        "edition": edition,
        "nouns": words.NOUNS,
        "mark": words.MARKS[file.audience],
        "recipient": f"Prepared for {file.header.lab}"
        if file.audience is Audience.LAB
        else "Prepared for the agency's record",
        "clock": _clock(file),
        **words.gaps(filed),
        **words.steps(file),
    }


def _clock(file: CaseFile) -> Markup | None:
    reading = file.header.clock
    if reading is None:
        return None
    facts = facts_of(reading)
    if not reading.ended:
        facts = msgspec.structs.replace(facts, flag=f"As of {day_words(reading.today, year=False)}")
    return clock_bar(facts, "clock", width=CLOCK_WIDTH)


@cache
def _environment(zone: str) -> Environment:
    environment = make_environment(asset_root() / "templates", asset_root="asset:", zone=zone)
    environment.globals.update(
        name_of=name_of,
        condition_sentence=conditions.sentence,
        condition_kinds=conditions.KINDS,
        channel_words=dict(CHANNELS),
        share=words.share,
        feasibility_sentence=conditions.feasibility_sentence,
        reason_parts=reasons.PARTS,
        reason_pieces=reasons.pieces,
    )
    return environment


def _attachments(material: Material) -> tuple[tuple[str, str, str], ...]:
    place = material.place
    found = [
        ("checkpoint.txt", "The signed checkpoint that covers this dossier", place.note),
        ("ledger.jsonl", "The entries of this case, one JSON object a line", material.changes),
    ]
    if place.receipt:
        found.append((place.receipts, "The newest entry with its proof of inclusion", place.receipt))
    return tuple(found)


def _identifier(material: Material, edition: Audience) -> str:
    """Sixteen bytes that name this very document: what it tells, and what it was made with."""
    made_of = (
        material.case.header.case_id,
        edition.value,
        str(material.place.index),
        material.place.root,
        TEMPLATE_VERSION,
        version("weasyprint"),
    )
    return hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:32]


@cache
def _encoded(static: Path) -> dict[str, str]:
    return {address: base64.b64encode(body).decode() for address, body in assets.load(static).items()}


def _culprit(page: Page) -> str:
    """The section that cannot be printed by itself; found only after a failure."""
    for chapter in page.chapters:
        try:
            child.print_order(page.alone(chapter), cpu_seconds=60, wall_seconds=90)
        except child.NotPrinted:
            return f"Section {chapter.number}, {chapter.title},"
    return "The document"
