"""The commands: what they print, what they return, and that they go through the same acts as the pages."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from review.audit import receipt
from review.cli import main
from review.rules.vocabulary import Act, State
from review.rules.workflow import ROW
from review.settings import DEMONSTRATION_PASSWORD, PERSONAS
from tests.builders import World

ROOT = Path(__file__).resolve().parents[1]
KESTREL = ROOT / "review/demo/filings/kestrel-1.4"
WITHOUT_P5 = ROOT / "review/demo/filings/tern-2-without-p5"
LOGS = ROOT / "review/demo/evidence/heron-4"
LLAMA = ROOT / ".." / "shared/samples/package/meta-llama-3-70b-instruct"
MILAN = "milan.horak@ostrava.example"

Run = Callable[..., Result]


@pytest.fixture
def run(world: World) -> Run:
    """One command on the data folder of this test's house."""

    def command(*words: str | Path, data: bool = True) -> Result:
        place = ["--data", str(world.office.settings.data)] if data else []
        return CliRunner().invoke(main, [str(word) for word in words] + place)

    return command


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{DEMONSTRATION_PASSWORD}\n", "utf-8")
    return path


def printed(result: Result, code: int = 0) -> Any:
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


# Packages -----------------------------------------------------------------------------------------


def test_a_complete_package_has_nothing_missing(run: Run) -> None:
    assert printed(run("package", "check", KESTREL, "--json", data=False)) == []


def test_what_is_missing_is_listed_with_its_place_and_the_command_fails(run: Run) -> None:
    found = printed(run("package", "check", WITHOUT_P5, "--json", data=False), code=1)
    assert [one["place"] for one in found] == ["deployment_plan/P5/feasibility"]


def test_a_filed_package_has_a_docket_number_and_a_receipt_that_checks(run: Run, password: Path) -> None:
    filed = run("package", "file", KESTREL, "--as", MILAN, "--password-file", password)
    assert filed.exit_code == 0, filed.output
    first, proof = filed.stdout.splitlines()
    assert first.startswith("Filed as FMR-")
    assert receipt.check(proof) == []
    rows = printed(run("cases", "list", "--json"))
    assert [(row["docket"], row["state"]) for row in rows] == [
        (first.split()[2].rstrip("."), State.ACCEPTANCE_SCREENING.value)
    ]


def test_an_incomplete_package_is_refused_and_leaves_no_case(run: Run, password: Path) -> None:
    refused = run("package", "file", WITHOUT_P5, "--as", MILAN, "--password-file", password)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: Not done.")
    assert printed(run("cases", "list", "--json")) == []


def test_a_wrong_password_files_nothing(run: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not this", "utf-8")
    refused = run("package", "file", KESTREL, "--as", MILAN, "--password-file", wrong)
    assert refused.exit_code == 1
    assert all(row["docket"] is None for row in printed(run("cases", "list", "--json")))


@pytest.mark.skipif(not LLAMA.is_dir(), reason="the sample packages of ../shared are absent")
def test_the_real_package_is_filed_by_one_command(run: Run, password: Path) -> None:
    filed = run("package", "file", LLAMA, "--as", MILAN, "--password-file", password)
    assert filed.exit_code == 0, filed.output
    (row,) = printed(run("cases", "list", "--json"))
    assert row["model"] == "Meta Llama 3 70B Instruct"


# People, rules, evidence --------------------------------------------------------------------------


def test_everybody_is_listed_with_roles(run: Run) -> None:
    rows = printed(run("people", "list", "--json"))
    assert {row["user_id"] for row in rows} == {persona.user_id for persona in PERSONAS}
    ruth = next(row for row in rows if row["user_id"].startswith("ruth"))
    assert len(ruth["roles"]) == 1


def test_the_printed_rules_are_the_rules_in_force(run: Run) -> None:
    rows = printed(run("rules", "print", "--json", data=False))
    assert {row["act"] for row in rows} == {act.value for act in ROW}
    restrict = next(row for row in rows if row["act"] == Act.RESTRICT.value)
    assert restrict["guards"] == list(ROW[Act.RESTRICT].guards)


def test_the_instruments_are_clean(run: Run) -> None:
    assert run("rules", "lint", data=False).exit_code == 0


def test_an_evidence_file_is_read_to_its_last_digit(run: Run) -> None:
    document = printed(run("evidence", "read", LOGS / "cbrn_protocol_qa.results.json", "--json", data=False))
    stated = json.loads((LOGS / "cbrn_protocol_qa.results.json").read_text("utf-8"))
    (task,) = stated["results"].values()
    values = [one["value"] for each in document["runs"] for one in each["measurements"]]
    assert task["acc,none"] in values


def test_a_file_that_no_reader_knows_is_said_to_be_unknown(run: Run, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Nothing to measure.\n", "utf-8")
    assert "no reader knows it" in run("evidence", "read", note, data=False).stdout


# The record ---------------------------------------------------------------------------------------


def test_a_clean_record_verifies(run: Run, password: Path) -> None:
    run("package", "file", KESTREL, "--as", MILAN, "--password-file", password)
    found = printed(run("audit", "verify", "--json"))
    assert found["findings"] == []


def test_a_file_that_was_changed_is_found(run: Run, password: Path, world: World) -> None:
    run("package", "file", KESTREL, "--as", MILAN, "--password-file", password)
    changed = max(
        (p for p in world.office.settings.files.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size
    )
    changed.chmod(0o600)
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    found = printed(run("audit", "verify", "--json"), code=1)
    assert len(found["findings"]) >= 1


def test_a_folder_without_a_docket_is_named(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["cases", "list", "--data", str(tmp_path / "nowhere")])
    assert answer.exit_code == 1
    assert "There is no docket in" in answer.stderr


def test_a_demonstration_needs_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept", "utf-8")
    answer = CliRunner().invoke(main, ["demo", "--data", str(tmp_path)])
    assert answer.exit_code == 1
    assert "is not empty" in answer.stderr
    assert (tmp_path / "mine").read_text("utf-8") == "kept"


def test_a_package_that_is_none_is_refused_with_a_sentence(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    answer = run("package", "check", folder, data=False)
    assert answer.exit_code == 1
    assert answer.stderr.startswith("Error: ")
