"""Starting a filing from a model card: what the card states is proposed, a person takes what is right."""

from collections.abc import Iterable
from typing import Any

import msgspec
from flask import Response, request

from review.package import model_card
from review.package.card_words import ORDER
from review.package.model_card import Proposal
from review.printing.filters import counted
from review.records import drafts
from review.records.drafts import Draft, Stale
from review.rules import instruments
from review.rules.instruments import Answer, Field
from review.web.access import page
from review.web.here import Here
from review.web.lab_case import address, blueprint, frame, may_draft

MOST_BYTES = 10_000_000
LONGEST_ANSWER = 5_000
MOST_PROPOSALS = len(ORDER) * model_card.MOST_VALUES


@page(blueprint, "/cases/<case_id>/filing/card", get="case:lab", post="case:lab")
def card(here: Here) -> Response:
    """Read a Markdown model card and list what it proposes. Nothing is saved and the file is not kept."""
    assert here.case is not None
    if not may_draft(here):
        return here.redirect(address(here.case.id, "filing"))
    if request.method != "POST":
        return _show(here, None)
    name, held = _sent()
    wrong = _unreadable(name, held)
    if wrong:
        return _show(here, None, wrong=wrong, status=422)
    found = model_card.read(held)
    return _show(here, found.proposals, name=name, notes=_notes(found))


def _sent() -> tuple[str, bytes]:
    """Name and bytes of the file of this sending, one byte more than is taken at most."""
    file = request.files.get("card")
    if file is None or not file.filename:
        return "", b""
    try:
        return file.filename[:120], file.read(MOST_BYTES + 1)
    finally:
        file.close()


def _unreadable(name: str, held: bytes) -> str:
    """Why a file is not read as a card; empty where it is read."""
    if not name:
        return "Choose a file first."
    if not held.strip():
        return "The file is empty."
    if len(held) > MOST_BYTES:
        return "A card has at most 10 MB."
    if b"\0" in held[:4_000]:
        return "The file is not text. Give a Markdown file, usually README.md or MODEL_CARD.md."
    return ""


def _notes(found: model_card.Card) -> list[str]:
    notes = [found.trouble] if found.trouble else []
    if found.shortened:
        notes.append(f"The card is long: its first {model_card.MOST_CHARACTERS:,} characters were read.")
    return notes


@page(blueprint, "/cases/<case_id>/filing/card/use", post="case:lab")
def use(here: Here) -> Response:
    """Save the ticked answers over the versions that the page showed. A section saved meanwhile is left alone."""
    assert here.case is not None
    if not may_draft(here):
        return here.redirect(address(here.case.id, "filing"))
    case_id, posted = here.case.id, here.form
    proposals = _posted(posted)
    name = posted.get("name", "")[:120]
    ticked: dict[tuple[str, str], dict[str, Answer]] = {}
    for one in _ticked(posted, proposals):
        ticked.setdefault((one.instrument, one.section), {})[one.field] = one.value
    if not ticked:
        return _show(here, proposals, name=name, wrong="Tick an answer first.", status=422)
    saved = drafts.of_case(here.conn, case_id)
    here.release()
    try:
        with here.office.database.writing() as conn:
            for (form, section), values in ticked.items():
                stored = saved.get((form, section)) or Draft(instrument=form, section=section)
                if posted.get(f"version-{form}-{section}", "") != str(stored.version):
                    raise Stale(stored)
                drafts.save(
                    *(conn, case_id, form, section, {**stored.answers, **values}),
                    by=here.person.id,
                    at=here.office.now(),
                    expects=stored.version,
                )
    except Stale as stale:
        return _show(here, proposals, name=name, wrong=_meanwhile(stale.stored), status=409)
    taken = sum(len(values) for values in ticked.values())
    here.confirm(
        f"{counted(taken, 'answer').capitalize()} taken from the card. Read each in its section before you sign."
    )
    return here.redirect(address(case_id, "filing"))


def _meanwhile(stored: Draft) -> str:
    section = instruments.load(stored.instrument, 1).section(stored.section)
    return f"{section.title} was saved meanwhile. Look at what it says now, then tick again."


# What the page carries along --------------------------------------------------------------------


def _posted(posted: Any) -> tuple[Proposal, ...]:
    """The proposals that the page listed. Those that no longer fit a question are left out."""
    found = []
    for text in posted.getlist("proposal")[:MOST_PROPOSALS]:
        try:
            one = msgspec.json.decode(text, type=Proposal)
        except msgspec.MsgspecError:
            continue
        if (one.instrument, one.section, one.field) in ORDER and fits(_field(one), one.value):
            found.append(one)
    return tuple(found)


def _ticked(posted: Any, proposals: Iterable[Proposal]) -> list[Proposal]:
    """What was ticked. Of several answers to one question only one can be: they are radio buttons."""
    chosen = set()
    for instrument, section, field in ORDER:
        chosen |= {(instrument, section, field, posted.get(f"take-{instrument}-{section}-{field}", ""))}
    return [
        one
        for number, one in enumerate(proposals)
        if (one.instrument, one.section, one.field, str(number)) in chosen
    ]


def fits(field: Field, value: Answer) -> bool:
    """Whether a value has the shape of an answer to this question."""
    if field.type == "rows":
        return isinstance(value, list) and len(value) <= 20 and all(_is_row(field, row) for row in value)
    if field.type == "multi_choice":
        known = {choice.value for choice in field.choices}
        return isinstance(value, list) and all(isinstance(each, str) and each in known for each in value)
    if field.type == "boolean":
        return isinstance(value, bool)
    return isinstance(value, str) and len(value) <= LONGEST_ANSWER


def _is_row(field: Field, row: Answer) -> bool:
    if not isinstance(row, dict) or set(row) != {"id", "answers"} or not isinstance(row["answers"], dict):
        return False
    known = {inner.key: inner for inner in field.fields}
    number = str(row["id"])
    return (
        number[:1] == "r"
        and number[1:].isalnum()
        and number.isascii()
        and len(number) <= 17
        and all(key in known and fits(known[key], value) for key, value in row["answers"].items())
    )


def _field(one: Proposal) -> Field:
    return _form(one).section(one.section).field(one.field)


def _form(one: Proposal) -> instruments.Instrument:
    return next(form for form in instruments.all_current() if form.name == one.instrument)


# The page ---------------------------------------------------------------------------------------


def _show(
    here: Here,
    listed: tuple[Proposal, ...] | None,
    *,
    name: str = "",
    notes: Iterable[str] = (),
    wrong: str = "",
    status: int = 200,
) -> Response:
    """The proposals of a card, or the form for one where none was read."""
    assert here.case is not None
    proposals = listed or ()
    saved = drafts.of_case(here.conn, here.case.id)
    questions = _questions(proposals, saved)
    versions = {
        f"version-{one.instrument}-{one.section}": saved[one.instrument, one.section].version
        if (one.instrument, one.section) in saved
        else 0
        for one in proposals
    }
    response = here.answer(
        "lab/card.html",
        **frame(here, "filing", "Start from a model card"),
        name=name,
        read=listed is not None,
        notes=list(notes),
        wrong=wrong,
        questions=questions,
        carried=[msgspec.json.encode(one).decode() for one in proposals],
        versions=versions,
    )
    response.status_code = status
    return response


def _questions(proposals: Iterable[Proposal], saved: dict[tuple[str, str], Draft]) -> list[dict[str, Any]]:
    """One entry for each question: what it says now and each answer that the card may give."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for number, one in enumerate(proposals):
        field, held = _field(one), saved.get((one.instrument, one.section))
        now = held.answers.get(one.field) if held is not None else None
        entry = found.setdefault(
            (one.instrument, one.section, one.field),
            {
                "name": f"take-{one.instrument}-{one.section}-{one.field}",
                "label": field.title,
                "where": _form(one).title,
                "now": "" if instruments.is_empty(now) else instruments.in_words(field, now),
                "later": field.visible_when is not None,
                "choices": [],
                "settled": False,
            },
        )
        same = _plain(field, now) == _plain(field, one.value)
        entry["settled"] = entry["settled"] or same
        entry["choices"].append(
            {
                "number": number,
                "words": instruments.in_words(field, one.value),
                "source": one.source,
                "quote": "" if field.type in ("text", "long_text") else one.quote,
                "same": same,
            }
        )
    return list(found.values())


def _plain(field: Field, answer: Answer) -> str:
    return "" if instruments.is_empty(answer) else instruments.in_words(field, answer).casefold()
