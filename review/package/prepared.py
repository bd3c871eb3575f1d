"""The prepared filings of the demonstration: complete packages about fictional models, with real tool output."""

from functools import cache
from pathlib import Path

import msgspec

from review.package.reading import Package, PackageEvidence, read_package

DEMONSTRATION = Path(__file__).resolve().parents[1] / "demo"
EVIDENCE_OF = {"heron-4-trusted": "heron-4", "tern-2-without-p5": "tern-2"}
"""Filings that share another one's evidence: the same weights in another configuration."""

TITLES = {
    "kestrel-1.4": "Kestrel 1.4, everything answered",
    "tern-2": "Tern 2, everything answered",
    "heron-4": "Heron 4, everything answered",
    "heron-4-trusted": "Heron 4-Trusted, the same weights for vetted organizations",
    "tern-2-without-p5": "Tern 2, without its feasibility table",
}
_SUFFIXES = (".eval", ".results.json", ".json")


@cache
def prepared(name: str) -> Package:
    """One prepared filing with its evidence files. Raises KeyError for a name that there is not."""
    if name not in TITLES:
        raise KeyError(name)
    package = read_package(DEMONSTRATION / "filings" / name)
    folder = DEMONSTRATION / "evidence" / EVIDENCE_OF.get(name, name)
    return msgspec.structs.replace(
        package, folder=folder, evidence=tuple(_with_file(item, folder) for item in package.evidence)
    )


def _with_file(item: PackageEvidence, folder: Path) -> PackageEvidence:
    """The item with the tool's own file of the same name, and the metric that this tool calls primary."""
    for suffix in _SUFFIXES:
        if (folder / f"{item.id}{suffix}").is_file():
            metric = (
                "acc"
                if suffix == ".results.json"
                else "mean"
                if item.id.startswith("persuasion")
                else "accuracy"
            )
            return msgspec.structs.replace(item, files=(f"{item.id}{suffix}",), primary_metric=metric)
    return item
