"""The main job: from the prepared filing to a restricted model, a dossier and a clean record, by visible names only."""

from collections.abc import Callable
from pathlib import Path

from pypdf import PdfReader

from tests.journeys import steps
from tests.journeys.commands import review
from tests.journeys.visitor import Visitor

CRITERIA = "the criteria that Ostrava AI publishes before release"
CONDITION = f"Ostrava AI admits organizations from its published list that meet {CRITERIA}"
REVIEWERS = (("Ines Okafor", ["Safeguards and security"]), ("Lena Haas", ["Deployment and access"]))


def test_a_prepared_filing_becomes_a_restricted_model_with_a_dossier(
    visit: Callable[..., Visitor], data: Path, tmp_path: Path
) -> None:
    v = visit().enter()
    number = file_the_prepared_filing(v)

    steps.assign(v, number)
    steps.screen(v, number)
    steps.assign_reviewers(v, number, REVIEWERS)
    write_a_decisive_finding(v, number)
    steps.declare(v, "Lena Haas", number)
    steps.no_concern(v, "Deployment and access", number)
    steps.write_memo(
        v, number, "Restrict", "Deployments at customers are not watched. Conditions can meet that."
    )

    v.press("Write the notice")
    steps.draft_restriction(v, "F-SS-01", criteria=CRITERIA)
    v.sees(
        "Notice drafted", "Ruth Adeyemi has not declared conflicts of interest", "Counsel has not concurred"
    )
    steps.declare(v, "Tomás Vega", number)
    steps.concur(v, number, "notice")
    issue_the_notice(v, number)
    answer_the_notice(v, number)
    decide(v, number)

    lab_reads_the_decision(v, number)
    pdf = download_the_dossier(v, number, tmp_path)
    assert pdf.read_bytes().startswith(b"%PDF")
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())
    assert number in text
    assert CONDITION in text

    v.press("Sign out")
    v.press("Register").sees(number, "Kestrel", "Restricted")

    verified = review("audit", "verify", data=data)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "No finding." in verified.stdout


def file_the_prepared_filing(v: Visitor) -> str:
    """Milan reads what is prepared, signs it, and has a docket number and a receipt."""
    v.be("Milan Horak").task("Finish and sign the filing", "Kestrel Edge").sees("Nothing is missing")
    v.press("Read and sign the filing").sees("Read it as the agency will")
    v.press("Read and sign the filing").sign("Sign the filing")
    v.sees("Filing received. Receipt: ledger entry", "It is the agency's turn")
    number = v.page.locator("main").get_by_text("FMR-").first.inner_text()
    v.press("Record").sees("What is stated here is true and complete to the best of my knowledge.")
    receipt = v.download("Receipt of the filing").path().read_text("utf-8")
    assert number in receipt
    assert "model-review-receipt/1" in receipt
    return number


def write_a_decisive_finding(v: Visitor, number: str) -> None:
    """Ines cites two items, says what else they could mean, and signs that conditions can meet the concern."""
    steps.declare(v, "Ines Okafor", number)
    v.press("Write your Safeguards and security review").unfold("items of other domains")
    v.tick("Cite cyber_range_40, accuracy").tick("Cite safeguard_bypass_attempts, accuracy")
    v.fill(
        "What you find",
        "With safeguards off, Kestrel completes 12 of 200 range attempts where nobody watches.",
    )
    v.tick("Decisive").choose("Domain", "Cyber")
    v.fill("Uncertainty", "One suite and one scaffold; longer attempts were not tried.")
    v.fill(
        "Alternative reading you considered", "The range may be easier than the systems that defenders run."
    )
    v.press("Save finding").sees("F-SS-01", "Decisive · Cyber")
    v.tick("Concern that conditions can meet")
    v.fill("What you looked at", "The cyber range and the attempts to bypass the safeguards.")
    v.fill("Summary", "What the safeguards miss at customers stays unseen.")
    v.press("Save, then read and sign").sign("Sign the Safeguards and security review").sees("Review signed")


def issue_the_notice(v: Visitor, number: str) -> None:
    steps.declare(v, "Ruth Adeyemi", number)
    v.press("Issue the notice of intended decision").open_dialog("Read and sign")
    v.sees("Tomás Vega, agency counsel, signed legal sufficiency for this same version")
    v.sign("Sign: issue the notice of intended decision").sees("Notice of intended decision issued")


def answer_the_notice(v: Visitor, number: str) -> None:
    """The lab sees condition and reasons, and answers in two points."""
    v.be("Milan Horak").task("Respond to the notice", number).sees(CONDITION, "Less restrictive options")
    v.fill("Point 1", "The criteria were published in October.").press("Add a point")
    v.fill("Point 2", "Ten business days are short in December.")
    v.fill("Conditions that you would accept instead", "Fifteen business days in December.")
    v.press("Send the response").sees("The review clock runs again")


def decide(v: Visitor, number: str) -> None:
    """The decision starts from the notice, answers each point, and is signed once counsel has concurred."""
    v.be("Daniel Reyes").case(number).press("Write the decision")
    v.fill("Answer to point 1", "The condition names the version of October.")
    v.fill("Answer to point 2", "In December the lab may take fifteen days if it tells the applicant.")
    v.press("Draft the reasons from findings and memo").press("Save the draft").sees("Decision drafted")
    steps.concur(v, number, "decision")
    v.be("Ruth Adeyemi").task("Sign the decision: restrict", number)
    v.open_dialog("Read and sign").sees("The register shows the outcome.")
    v.sign("Sign the decision: restrict").sees("Restricted. Receipt: ledger entry")


def lab_reads_the_decision(v: Visitor, number: str) -> None:
    v.be("Milan Horak").press("Filings")
    v.open_row(number).press("Decision")
    v.sees(CONDITION, "The condition names the version of October.", "Ruth Adeyemi")


def download_the_dossier(v: Visitor, number: str, folder: Path) -> Path:
    """The auditor asks for the internal edition, watches its progress, and downloads it."""
    v.be("Helen Whitlock").case(number, "Record").press("Dossier")
    v.press("Make the dossier").wait_for("The dossier is ready")
    path = folder / "dossier.pdf"
    v.download("Download the dossier").save_as(path)
    return path
