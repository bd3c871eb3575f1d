"""Counting and averaging the samples of an Inspect log without holding them in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from review.evidence.facts import number, table
from review.evidence.json_text import Node, complete, parse
from review.evidence.material import MAX_PART, Material
from review.evidence.reading import Refusal

SUMMARIES, JOURNAL = "summaries.json", "_journal/summaries/"
GRADES = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
MAX_SCORERS = 1_000  # scores averaged; a log with more is not cross-checked
SAMPLE_FACTS = ("error", "limit", "scores")


class Tally:
    """Counts of samples, errors and limits hit, and the mean score of each scorer."""

    def __init__(self) -> None:
        self.samples: int | None = None
        self.errors: int | None = None
        self.limited: int | None = None
        self.incomplete = False
        self._sums: dict[tuple[str | None, str | None], tuple[float, int]] = {}
        self._unscorable: set[tuple[str | None, str | None]] = set()

    def add(self, sample: Mapping[str, Any]) -> None:
        self.samples = (self.samples or 0) + 1
        self.errors = (self.errors or 0) + (1 if sample.get("error") else 0)
        self.limited = (self.limited or 0) + (1 if sample.get("limit") else 0)
        for scorer, score in table(sample.get("scores")).items():
            value = table(score).get("value")
            parts = value.items() if isinstance(value, dict) else [(None, value)]
            for part, mark in parts:
                self._add_mark((scorer, part), mark)

    def mean(self, name: str | None, scorer: str | None) -> float | None:
        """The plain mean of a scorer's marks; None when any mark is not a number, as Inspect counts them."""
        for key in ((name, None), (scorer, name)):
            if key in self._sums and key not in self._unscorable:
                total, marks = self._sums[key]
                return total / marks
        return None

    def _add_mark(self, key: tuple[str | None, str | None], mark: Any) -> None:
        value = 1.0 if mark is True else 0.0 if mark is False else number(mark)
        if value is None and isinstance(mark, str):
            value = GRADES.get(mark)
        if value is None or value != value:
            if len(self._unscorable) < MAX_SCORERS:
                self._unscorable.add(key)
            else:
                self.incomplete = True
            return
        if key not in self._sums and len(self._sums) >= MAX_SCORERS:
            self.incomplete = True
            return
        total, marks = self._sums.get(key, (0.0, 0))
        self._sums[key] = (total + value, marks + 1)


def tally_of_document(samples: Node | None) -> Tally:
    """The samples of a JSON log, walked one by one."""
    tally = Tally()
    if samples is not None and samples.is_array:
        _walk(samples.elements(), tally)
    return tally


def tally_of_zip(material: Material) -> Tally:
    """The samples of an `.eval` log: counted by name, checked from the summaries."""
    tally = Tally()
    journal = sorted(name for name in material.names if name.startswith(JOURNAL))
    for member in [SUMMARIES] if SUMMARIES in material.names else journal:
        try:
            data = material.member(member, MAX_PART)
            node = parse(data)
            if node.is_array:
                _walk(node.elements(), tally)
                complete(node, data)
        except Refusal as refusal:
            if refusal.code not in ("zip-too-large", "part-too-large"):
                raise
            tally.incomplete = True
    in_file = sum(1 for name in material.names if name.startswith("samples/") and name.endswith(".json"))
    if tally.incomplete or tally.samples is None:
        tally.errors = tally.limited = None
    tally.samples = in_file or tally.samples
    return tally


def _walk(elements: Iterable[Node], tally: Tally) -> None:
    for element in elements:
        if not element.is_object:
            continue
        sample: dict[str, Any] = {}
        for name, node in element.members():
            if name not in SAMPLE_FACTS:
                continue
            try:
                sample[name] = node.decode()
            except Refusal as refusal:
                if refusal.code != "part-too-large":
                    raise
                tally.incomplete = True
        tally.add(sample)
