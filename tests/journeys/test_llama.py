"""A real package, filed by command, goes through review and ratification in the browser and out as a dossier."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.journeys import steps
from tests.journeys.commands import review
from tests.journeys.visitor import Visitor

PACKAGE = Path(__file__).resolve().parents[2] / ".." / "shared/samples/package/meta-llama-3-70b-instruct"
TEAM = (*steps.WHOLE_TEAM, ("Ratifier", "Grace Mbeki"))
REVIEWERS = (
    ("Ines Okafor", ["Cyber", "Safeguards and security"]),
    ("Lena Haas", ["CBRN", "Autonomy", "Societal, manipulation", "Deployment and access"]),
)

pytestmark = pytest.mark.skipif(not PACKAGE.is_dir(), reason="the sample packages of ../shared are absent")


def test_open_weights_of_llama_are_reviewed_ratified_and_printed(
    visit: Callable[..., Visitor], data: Path, tmp_path: Path
) -> None:
    filed = review("package", "file", str(PACKAGE), "--as", "milan.horak@ostrava.example", data=data)
    assert filed.returncode == 0, filed.stderr
    number = filed.stdout.split()[2].rstrip(".")

    v = visit().enter()
    steps.assign(v, number, TEAM)
    steps.screen(v, number)
    steps.assign_reviewers(v, number, REVIEWERS)
    every_number_stands_on_the_evidence_pages(v, number)
    what_is_not_disclosed_is_a_gap(v, number)
    review_all(v, number)
    recommend_and_draft(v, number)
    record_advice(v, number)
    ratify_and_approve(v, number)

    verified = review("audit", "verify", data=data)
    assert verified.returncode == 0, verified.stdout
    for edition in ("internal-full", "lab"):
        pdf = tmp_path / f"{edition}.pdf"
        built = review("dossier", "build", number, "--edition", edition, "--out", str(pdf), data=data)
        assert built.returncode == 0, built.stderr
        text = " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())
        assert number in text
        assert "Meta Llama 3 70B Instruct" in text


def every_number_stands_on_the_evidence_pages(v: Visitor, number: str) -> None:
    """Each number of `expected.json` stands on the page of its item as the file has it."""
    expected = json.loads((PACKAGE / "expected.json").read_text("utf-8"))["evidence"]
    v.case(number, "Evidence")
    for place, item in enumerate(expected, start=1):
        v.press(f"EV-{place:02d}")
        shown = v.page.locator("#source").text_content() or ""
        missing = [stated for stated in numbers_of(item["expect"]) if stated not in shown]
        assert not missing, f"EV-{place:02d} does not show {missing}"


def numbers_of(expect: dict[str, Any]) -> Iterator[str]:
    """The numbers that an expectation names, as Python writes them: shortest text that reads back the same."""
    for metric in expect.get("metrics", []):
        yield str(metric["value"])
    for task in expect.get("tasks", []):
        for metric in task["metrics"].values():
            yield str(metric["value"])


def what_is_not_disclosed_is_a_gap(v: Visitor, number: str) -> None:
    """Gaps are computed; what the submitter listed stands beside them under its own name."""
    v.press("Filing").sees("Not disclosed", "training compute in FLOP is not disclosed")


def review_all(v: Visitor, number: str) -> None:
    """Ines writes one finding on the real numbers; no discipline finds a concern."""
    steps.declare(v, "Ines Okafor", number)
    steps.no_concern(v, "Cyber", number)
    v.press("Desk").task("Write your Safeguards and security review", number)
    v.tick("Cite harm_bench, harm_bench_score")
    v.fill("What you find", "On HarmBench the released model scores 0.7125 by the mean of two judges.")
    v.tick("Minor").choose("Domain", "Safeguards").fill("Uncertainty", "The file states no interval.")
    v.press("Save finding").sees("F-SS-01")
    steps.no_concern(v, "Safeguards and security", number)
    steps.declare(v, "Lena Haas", number)
    for discipline in REVIEWERS[1][1]:
        steps.no_concern(v, discipline, number)


def recommend_and_draft(v: Visitor, number: str) -> None:
    """Approval is recommended and forwarded; the decision's reasons are drafted."""
    v.be("Daniel Reyes").case(number).press("Write the memo")
    v.tick("Approve").fill(
        "Summary", "No discipline finds a concern. What was not disclosed stays on the record."
    )
    v.press("Save, then read and recommend").sign("Sign the memo: recommend to approve")
    v.press("Forward for approval").press("Write the decision").tick("Approve")
    v.fill("If there is none, say so", "No decided case concerns a release of weights.")
    v.press("Draft the reasons from findings and memo").press("Save the draft").sees("Decision drafted")
    steps.declare(v, "Tomás Vega", number)
    steps.concur(v, number, "decision")


def record_advice(v: Visitor, number: str) -> None:
    """A release that cannot be taken back is not signed before a panel has advised and a ratifier concurred."""
    steps.declare(v, "Ruth Adeyemi", number)
    v.press("Decision").sees("An open-weight release needs the panel's advice on record.")
    v.press("Record the panel's advice")
    v.fill(
        "Members who took part", "Hana Sato, biosecurity\nLeo Brandt, cyber security\nMaya Cole, evaluation"
    )
    v.fill("What the panel was asked", "May the weights be released?")
    v.fill(
        "What the panel advises", "They may. The compute of training should be asked for at the next version."
    )
    v.fill("Votes", "3 for, none against.")
    v.press("Read and sign the record of advice").sign("Sign: record the panel's advice")
    v.sees("Panel advice recorded", "An open-weight release needs a ratifier's signature.")


def ratify_and_approve(v: Visitor, number: str) -> None:
    steps.declare(v, "Grace Mbeki", number)
    v.press("Decision").open_dialog("Read and ratify").sign("Sign: ratify the decision")
    v.sees("Decision ratified", "Nothing blocks signing.")
    v.be("Ruth Adeyemi").task("Sign the decision: approve", number)
    v.open_dialog("Read and sign").sign("Sign the decision: approve")
    v.sees("Approved. Receipt: ledger entry").press("Record").sees("Grace Mbeki", "Ratification")
