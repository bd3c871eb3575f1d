"""Package folders: ours, others through a mapping, and those that must not be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from review.package import Package, Unusable, check, read_package, renumber

ROOT = Path(__file__).resolve().parents[2]
FILINGS = ROOT / "review" / "demo" / "filings"
LLAMA = ROOT / ".." / "shared" / "samples" / "package" / "meta-llama-3-70b-instruct"
SILENT = {"state": "NOT_DISCLOSED", "reason": "The supplied material does not say."}


@pytest.fixture(scope="module")
def llama() -> Package:
    if not LLAMA.is_dir():
        pytest.skip("the shared samples are absent")
    return read_package(LLAMA)


def package(folder: Path, text: str) -> Package:
    (folder / "submission.yaml").write_text(text, "utf-8")
    return read_package(folder)


@pytest.mark.parametrize("name", ["heron-4", "heron-4-trusted", "tern-2", "kestrel-1.4"])
def test_a_prepared_filing_is_complete(name: str) -> None:
    prepared = read_package(FILINGS / name)
    assert check(prepared) == []
    assert len(prepared.evidence) >= 4


def test_tern_2_without_p5_lacks_its_feasibility_table_and_nothing_else() -> None:
    found = check(read_package(FILINGS / "tern-2-without-p5"))
    assert [entry.place for entry in found] == ["deployment_plan/P5/feasibility"]


def test_the_evidence_of_a_prepared_filing_is_that_of_the_demonstration() -> None:
    for name, folder in (("heron-4", "heron-4"), ("tern-2", "tern-2"), ("kestrel-1.4", "kestrel-1.4")):
        files = {path.name.split(".")[0] for path in (ROOT / "review/demo/evidence" / folder).iterdir()}
        assert {item.id.split(".")[0] for item in read_package(FILINGS / name).evidence} <= files


def test_the_real_package_can_be_filed(llama: Package) -> None:
    assert check(llama) == []
    assert llama.problems == ()


def test_the_real_package_says_what_the_material_says(llama: Package) -> None:
    cover, disclosure = llama.answers["cover_sheet"], llama.answers["capability_disclosure"]
    assert cover["applicant"]["applicant"] == "Meta"
    assert cover["model"]["model_name"] == "Meta Llama 3 70B Instruct"
    assert cover["model"]["planned_release_date"] == "2024-04-18"
    assert disclosure["B"]["max_context_tokens"] == "8192"
    assert disclosure["B"]["parameter_count_total"] == "70000000000"
    assert disclosure["B"]["output_modalities"] == ["TEXT", "CODE"]
    assert disclosure["B"]["training_data_cutoff"] == "2023-12"


def test_what_the_material_does_not_say_is_not_disclosed(llama: Package) -> None:
    disclosure = llama.answers["capability_disclosure"]
    assert disclosure["B"]["training_compute_flop"] == SILENT
    assert disclosure["C_AUTONOMY"]["tier_elicited_claim"] == SILENT
    assert "states no outcome" in disclosure["C_CBRN"]["tier_elicited_claim"]["reason"]
    assert llama.answers["deployment_plan"]["P5"]["feasibility"] == SILENT


def test_open_weights_are_channel_and_tier_t5(llama: Package) -> None:
    plan = llama.answers["deployment_plan"]
    assert plan["P1"]["channels"][0]["answers"]["channel"] == "OPEN_WEIGHTS"
    assert plan["P2"]["tiers"][0]["answers"]["tier"] == "T5"
    assert llama.answers["capability_disclosure"]["B"]["affordances"] == ["WEIGHTS"]


def test_statements_without_a_field_stay_with_their_source(llama: Package) -> None:
    told = {each.path: each for each in llama.further_statements}
    assert told["model.training_gpu_hours"].text == "6400000"
    assert told["model.training_gpu_hours"].source.startswith("MODEL_CARD.md")
    assert told["model.training_compute_flop_estimate"].status == "derived"
    assert "model.developer" not in told
    assert len([path for path in told if path.startswith("developer_reported_benchmarks")]) == 5


def test_the_submitter_s_gaps_are_notes_and_never_our_findings(llama: Package) -> None:
    assert len(llama.submitter_notes) == 6
    assert not any(note in str(llama.answers) for note in llama.submitter_notes)


def test_evidence_keeps_the_source_s_word_beside_ours(llama: Package) -> None:
    items = {item.id: item for item in llama.evidence}
    assert (items["E1"].attributes["domain"], items["E1"].attributes["original_domain"]) == (
        "GENERAL",
        "bias",
    )
    assert items["E2"].attributes["domain"] == "SAFEGUARDS"
    assert items["E1"].source == "evidence/helm/bbq"
    assert items["E5"].source == "evidence/lm-eval/results_2024-06-03_steer.json"
    assert items["E5"].primary_metric == "acc,none"


def test_numbers_and_words_stay_as_they_were_written(tmp_path: Path) -> None:
    text = """
schema: model-review-package/1
answers:
  capability_disclosure:
    B: {training_compute_flop: 6.30e24, uncertainty_factor: 1.10, training_data_cutoff: 2023-12}
  safeguards:
    S4: {measure_general: NO, copies_registry: true}
"""
    answers = package(tmp_path, text).answers
    assert answers["capability_disclosure"]["B"] == {
        "training_compute_flop": "6.30e24",
        "uncertainty_factor": "1.10",
        "training_data_cutoff": "2023-12",
    }
    assert answers["safeguards"]["S4"] == {"measure_general": "NO", "copies_registry": True}


def test_rows_without_ids_get_them(tmp_path: Path) -> None:
    text = """
schema: model-review-package/1
answers:
  cover_sheet: {track: {comparators: [{name: Tern 2}, {id: r9, answers: {name: Heron 4}}]}}
"""
    rows: Any = package(tmp_path, text).answers["cover_sheet"]["track"]["comparators"]
    assert [(row["id"], row["answers"]["name"]) for row in rows] == [("r1", "Tern 2"), ("r9", "Heron 4")]


@pytest.mark.parametrize(
    ("files", "code"),
    [("[../secret]", "file_outside"), ("[/etc/hostname]", "file_outside"), ("[gone.json]", "file_missing")],
)
def test_a_file_must_lie_in_the_package(tmp_path: Path, files: str, code: str) -> None:
    text = f"schema: model-review-package/1\nevidence: [{{id: E1, files: {files}}}]\n"
    assert [problem.code for problem in package(tmp_path, text).problems] == [code]


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    inside = tmp_path / "package"
    inside.mkdir()
    (inside / "link.json").symlink_to(tmp_path / "outside")
    text = "schema: model-review-package/1\nevidence: [{id: E1, files: [link.json]}]\n"
    assert [problem.code for problem in package(inside, text).problems] == ["file_outside"]


def test_answers_without_a_place_are_told_and_never_lost_silently(tmp_path: Path) -> None:
    text = """
schema: model-review-package/1
answers: {cover_sheet: {model: {color: blue}, weather: {}}}
"""
    assert {each.code for each in package(tmp_path, text).problems} == {"unknown_answer", "unknown_section"}


@pytest.mark.parametrize(
    "text",
    [
        "schema: something-else/9\n",
        "schema: [unclosed\n",
        "- a list\n",
        "schema: model-review-package/1\na: &x [1]\nb: *x\n",
        "schema: !!python/object/apply:os.system [id]\n",
        "[" * 5000,
        "schema: model-review-package/1\nanswers: nothing\n",
        "schema: model-review-package/1\nevidence: 7\nfurther_statements: [1]\n",
    ],
)
def test_an_unusable_document_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unusable, match=r"\.$"):
        package(tmp_path, text)


def test_a_folder_without_a_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no readable submission.yaml"):
        read_package(tmp_path)


def test_references_to_evidence_follow_its_new_ids() -> None:
    prepared = read_package(FILINGS / "heron-4")
    answers = renumber(prepared.answers, {"safeguard_bypass_attempts": "EV-06"})
    layers: Any = answers["safeguards"]["S1"]["layers"]
    assert [row["answers"]["bypass_evidence"] for row in layers if "bypass_evidence" in row["answers"]] == [
        ["EV-06"],
        ["EV-06"],
    ]
