"""A model card in Markdown: its name, its headings, and what it states that a filing also asks.

Pure and bounded. A card is somebody's prose: what is found in it by pattern is proposed with its place and the
card's own words, never asserted. Odd front matter is left out, with one sentence that says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

import msgspec

from review.package.card_text import Heading, Part, clean, front_matter_of, parts_of
from review.package.card_words import (
    ABSENT,
    ACTIVE,
    BASE,
    BASES,
    COMPUTE,
    COMPUTE_NOTE,
    CONTEXT,
    CONTEXT_SAID,
    CUTOFF,
    CUTOFF_SAID,
    DATA,
    DERIVED,
    FAMILY,
    FAMILY_LINE,
    FLOP,
    GENERIC,
    GPU_HOURS,
    IN_COLUMNS,
    INPUT,
    ISO_MONTH,
    KNOWN_LABELS,
    LABEL_LINE,
    LANGUAGES,
    LICENSE,
    MODALITIES,
    MONTH,
    MONTH_NAMES,
    NAME,
    NUMBER,
    ORDER,
    OUTPUT,
    PARAMETERS,
    PARAMETERS_SAID,
    PIPELINES,
    SUPERSCRIPT,
    TONGUES,
    USE,
    VERSION,
    Place,
)
from review.rules.instruments import Answer

MOST_CHARACTERS = 400_000
"""Of a card, this much is read. Long published cards have about 60,000."""
MOST_VALUES = 8
"""Different answers to one question that are worth showing."""
LONGEST_TEXT = 1_200
LONGEST_QUOTE = 240
MOST_WORDS = 200


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that the card may give: the question, the value as our forms hold it, where the card says it, and
    the card's own words."""

    instrument: str
    section: str
    field: str
    value: Answer
    source: str
    quote: str = ""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What was read. `front_matter` is None where there is none that can be used; `trouble` then says why."""

    name: str = ""
    front_matter: dict[str, Answer] | None = None
    headings: tuple[Heading, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    trouble: str = ""
    shortened: bool = False


Found = tuple[Place, Answer, str, str]
"""A question, a value, the source in words and the card's own words."""


def read(text: bytes) -> Card:
    """A card as it is. Never raises: what cannot be read is left out."""
    whole = text[: 4 * MOST_CHARACTERS].decode("utf-8", errors="replace").removeprefix("\ufeff")
    plain = whole[:MOST_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ")
    front, trouble, body = front_matter_of(plain.split("\n"))
    headings, parts = parts_of(body)
    name, name_source = _name(front or {}, headings)
    found = [(NAME, name, name_source, name)] if name else []
    return Card(
        name=name,
        front_matter=front,
        headings=headings,
        proposals=tuple(_proposals([*found, *_of_front_matter(front or {}), *_of_parts(parts)])),
        trouble=trouble,
        shortened=len(text) > 4 * MOST_CHARACTERS or len(whole) > MOST_CHARACTERS,
    )


def _proposals(found: Iterable[Found]) -> Iterator[Proposal]:
    """In the order of the forms, each value once, with the first place that states it."""
    held: dict[Place, list[Proposal]] = {place: [] for place in ORDER}
    for place, value, source, quote in found:
        mine = held[place]
        if (
            value in (None, "", [])
            or len(mine) >= MOST_VALUES
            or any(_same(one.value, value) for one in mine)
        ):
            continue
        instrument, section, field = place
        mine.append(
            Proposal(
                instrument=instrument,
                section=section,
                field=field,
                value=value,
                source=source,
                quote=quote[:300],
            )
        )
    for place in ORDER:
        yield from held[place]


def _same(one: Answer, other: Answer) -> bool:
    """Whether two values say the same: capitals and punctuation at the end do not count."""
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold().rstrip(" .") == other.casefold().rstrip(" .")
    return bool(one == other)


def _name(front: dict[str, Answer], headings: tuple[Heading, ...]) -> tuple[str, str]:
    """The model's name and where it stands: the results of the front matter, else the first heading that names one."""
    index = front.get("model-index")
    first = index[0] if isinstance(index, list) and index else None
    if isinstance(first, dict) and isinstance(first.get("name"), str) and first["name"].strip():
        return first["name"].strip()[:120], "front matter, model-index"
    for heading in [one for one in headings if one.level == 1][:4]:
        text = clean(heading.text.removeprefix("<p>").split("<br")[0])
        text = re.sub(
            r"^model card (?:for|of):?\s+|\s*[-:–]?\s*model card$", "", text, flags=re.IGNORECASE
        ).strip()
        if 1 < len(text) <= 60 and not GENERIC.search(text.casefold()):
            return text, f"heading “{text}”"
    return "", ""


# Front matter -----------------------------------------------------------------------------------


def _words(value: Answer) -> list[str]:
    """A value of the front matter as a list of short texts: cards write one word or a list of them."""
    held = value if isinstance(value, list) else [value]
    return [each.strip()[:120] for each in held[:200] if isinstance(each, str) and each.strip()]


def _of_front_matter(front: dict[str, Answer]) -> Iterator[Found]:
    def source(key: str) -> str:
        return f"front matter, {key}"

    tongues = _words(front.get("language") or front.get("languages"))
    if tongues:
        said = ", ".join(TONGUES.get(each.lower(), each) for each in tongues)
        yield LANGUAGES, said, source("language"), ", ".join(tongues)
    terms = ", ".join(_words(front.get("license")))
    named = ", ".join(_words(front.get("license_name")))
    if terms or named:
        yield LICENSE, f"License: {named or terms}", source("license"), named or terms
    bases = _words(front.get("base_model"))
    if bases:
        relation = ", ".join(_words(front.get("base_model_relation")))
        yield from _bases(bases, source("base_model"), ", ".join(bases), relation)
    pipeline = next(iter(_words(front.get("pipeline_tag"))), "")
    if pipeline in PIPELINES:
        taken, given = PIPELINES[pipeline]
        yield INPUT, taken, source("pipeline_tag"), pipeline
        yield OUTPUT, given, source("pipeline_tag"), pipeline


def _bases(names: list[str], source: str, quote: str, relation: str = "") -> Iterator[Found]:
    yield DERIVED, True, source, quote
    rows = []
    for number, name in enumerate(names[:20], 1):
        answers: dict[str, Answer] = {"name": name}
        if "/" in name:
            answers["developer"] = name.split("/")[0]
        if relation:
            answers["how_used"] = relation
        rows.append({"id": f"r{number:x}", "answers": answers})
    yield BASES, rows, source, quote


# The body ---------------------------------------------------------------------------------------


def _of_parts(parts: tuple[Part, ...]) -> Iterator[Found]:
    """Labels first, then tables, then prose: the plainer the place, the earlier."""
    told = [list(_of_labels(part)) for part in parts]
    for labeled in told:
        yield from labeled
    for part in parts:
        yield from _of_tables(part)
    for part, labeled in zip(parts, told, strict=True):
        places = {place for place, *_ in labeled}
        yield from (each for each in _of_prose(part) if each[0] not in places)


def _source(part: Part, more: str = "") -> str:
    where = f"“{part.heading}”" if part.heading else "before the first heading"
    return f"{where}, {more}" if more else where


def _of_labels(part: Part) -> Iterator[Found]:
    """`**License:** …` and the like, one line each."""
    for line in part.lines:
        found = LABEL_LINE.match(line[:2_000]) if "**" in line[:200] else None
        if found is None:
            continue
        label, said = " ".join(found[1].strip(" :").casefold().split()), clean(found[2]).lstrip(": ")
        family = FAMILY_LINE.search(found[1])
        if family:
            yield FAMILY, family[1].strip(), _source(part), clean(line)
        place = next((place for pattern, place in KNOWN_LABELS if pattern.fullmatch(label)), None)
        if place is None or not said or ABSENT.fullmatch(said.rstrip(". ")):
            continue
        if place is COMPUTE_NOTE and not GPU_HOURS.search(said):
            continue
        yield from _valued(place, said, _source(part, f"“{found[1].strip(' :')}”"))


def _of_tables(part: Part) -> Iterator[Found]:
    """Columns whose head is a known label, one value per row; the row's own name goes into the source."""
    for table in part.tables:
        if len(table) < 2:
            continue
        head = [" ".join(cell.strip(" :").casefold().split()) for cell in table[0]]
        places = {
            column: next((place for pattern, place in KNOWN_LABELS if pattern.fullmatch(cell)), None)
            for column, cell in enumerate(head)
        }
        if len(table[0]) == 2 and not any(places.values()):
            yield from _of_pairs(part, table)
            continue
        for column, place in places.items():
            if place is None or column == 0 or place not in IN_COLUMNS:
                continue
            for row in table[1:60]:
                said = row[column] if column < len(row) else ""
                size = next(
                    (row[n] for n, other in places.items() if other is PARAMETERS and n < len(row)), ""
                )
                name = " ".join(dict.fromkeys(each for each in (row[0], size) if each))
                if said and not ABSENT.fullmatch(said):
                    if place is COMPUTE_NOTE:
                        said = f"{table[0][column]}{f', {name}' if name else ''}: {said}"
                    yield from _valued(place, said, _source(part, f"table, row {name}" if name else "table"))


def _of_pairs(part: Part, table: tuple[tuple[str, ...], ...]) -> Iterator[Found]:
    """A table of two columns whose rows are label and value."""
    for row in table[:80]:
        label = " ".join(row[0].strip(" :").casefold().split())
        place = next((place for pattern, place in KNOWN_LABELS if pattern.fullmatch(label)), None)
        if place is not None and len(row) > 1 and row[1] and not ABSENT.fullmatch(row[1]):
            yield from _valued(place, row[1], _source(part, f"table, row {row[0]}"))


def _of_prose(part: Part) -> Iterator[Found]:
    source, heading = _source(part), part.heading.casefold().strip(" .0123456789")
    paragraph = part.paragraph()
    if heading in ("training data", "training dataset", "training datasets") and paragraph:
        yield DATA, _cut(re.sub(r"^Overview:? ", "", paragraph)), source, paragraph
    if (
        heading in ("intended use", "intended uses", "direct use", "intended uses & limitations")
        and paragraph
    ):
        yield from _valued(USE, paragraph, source)
    if heading in ("license", "licence") and paragraph:
        yield from _valued(LICENSE, paragraph, source)
    for line in part.lines:
        if not re.search(r"\d|based on|tuned", line[:2_000]):
            continue
        said = clean(line[:2_000])
        for found in PARAMETERS_SAID.finditer(said):
            yield PARAMETERS, _amount(found[1]), source, _around(said, found)
        for found in CONTEXT_SAID.finditer(said):
            yield CONTEXT, _amount(found[1] or found[2] or found[3]), source, _around(said, found)
        for found in FLOP.finditer(said.translate(SUPERSCRIPT)):
            yield COMPUTE, f"{found[1]}e{int(found[2] or found[3])}", source, _around(said, found)
        if CUTOFF_SAID.search(said):
            for month in _months(said):
                yield CUTOFF, month, source, said
        if GPU_HOURS.search(said) and not said.startswith("|") and len(said) > 30:
            yield COMPUTE_NOTE, _cut(said), source, said
        for found in BASE.finditer(said):
            if re.search(r"[\d/-]", found[1]):
                yield from _bases([found[1]], source, said)


def _around(said: str, found: re.Match[str]) -> str:
    """The words around what was found, for a line that says much else."""
    start, end = max(0, found.start() - 90), min(len(said), found.end() + 90)
    before = said[start:end] if start == 0 else f"… {said[start:end].split(' ', 1)[-1]}"
    return before if end == len(said) else f"{before.rsplit(' ', 1)[0]} …"


def _valued(place: Place, said: str, source: str) -> Iterator[Found]:
    """The card's words as a value of the question that they answer; nothing where they do not fit."""
    if place in (INPUT, OUTPUT):
        kinds = [kind for kind, pattern in MODALITIES if re.search(pattern, said.casefold())]
        yield place, kinds, source, said
    elif place in (CONTEXT, PARAMETERS, ACTIVE):
        found = NUMBER.search(said)
        yield place, _amount(found[0]) if found and (found[2] or place is CONTEXT) else "", source, said
    elif place is CUTOFF:
        for month in _months(said):
            yield place, month, source, said
    elif place is COMPUTE:
        flop = FLOP.search(said.translate(SUPERSCRIPT))
        yield place, f"{flop[1]}e{int(flop[2] or flop[3])}" if flop else "", source, said
    elif place is BASES:
        yield from _bases([said[:120]], source, said)
    elif place is LICENSE:
        yield place, f"License: {_cut(said)}", source, said
    elif place is USE:
        yield place, f"Intended use: {_cut(said)}", source, said
    elif place in (NAME, VERSION, FAMILY, LANGUAGES):
        yield place, said.rstrip(". ")[:300], source, said
    else:
        yield place, _cut(said.rstrip(":")), source, said


def _amount(text: str) -> str:
    """`70B`, `128k`, `8,192`, `1.5 trillion` as plain digits; empty where it is no whole number."""
    found = NUMBER.search(text)
    if found is None:
        return ""
    word = (found[2] or "").casefold()
    scale = {"k": 3, "t": 12, "b": 9, "m": 6, "": 0}[word[:1]] if word != "thousand" else 3
    try:
        number = Decimal(found[1].replace(",", "")).scaleb(scale)
    except InvalidOperation:
        return ""
    return f"{number:f}".split(".")[0] if number == number.to_integral_value() and number > 0 else ""


def _months(text: str) -> list[str]:
    """The months that a text names, as 2023-12."""
    named = [f"{found[2]}-{_month_number(found[1]):02d}" for found in MONTH.finditer(text)]
    return named or [f"{found[1]}-{found[2]}" for found in ISO_MONTH.finditer(text)]


def _month_number(name: str) -> int:
    return next(n for n, month in enumerate(MONTH_NAMES, 1) if month.startswith(name.casefold()))


def _cut(text: str) -> str:
    """At most 200 words and 1,200 characters, ended at a sentence where there is one."""
    words = text.split()
    short = " ".join(words[:MOST_WORDS])[:LONGEST_TEXT]
    if len(short) == len(" ".join(words)):
        return short
    end = short.rfind(". ")
    return short[: end + 1] if end > 200 else f"{short.rsplit(' ', 1)[0]} …"
