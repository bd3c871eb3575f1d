"""Real files made by others: every fact that their notes state is what the readers say."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from review.evidence import Reading, Run, read, read_many

SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared/samples is absent")

INSPECT_STATUS = {"success": "complete", "cancelled": "cancelled", "error": "error", "started": "unfinished"}


@cache
def expected(folder: str) -> dict[str, Any]:
    path = SAMPLES / folder / "expected.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return found


def only_run(reading: Reading) -> Run:
    assert not reading.refused, reading.problems
    assert len(reading.runs) == 1
    return reading.runs[0]


def stderr(measurement: Any) -> float | None:
    return next((u.value for u in measurement.uncertainty if u.kind == "stderr"), None)


@pytest.mark.parametrize("name", sorted(expected("inspect")))
def test_inspect_log_says_what_its_note_says(name: str) -> None:
    note, facts = expected("inspect")[name], expected("inspect")[name]["expect"]
    reading = read(SAMPLES / "inspect" / name)
    run = only_run(reading)

    assert reading.sha256 == note["sha256"]
    assert reading.format == "inspect"
    assert (reading.tool, reading.tool_version) == (facts["tool"], facts["tool_version"])
    assert reading.format_version == str(facts["log_version"])
    status = INSPECT_STATUS[facts["status"]]
    assert run.status == ("partial" if status == "complete" and facts["limit"] is not None else status)
    assert run.benchmark == facts["task"]
    assert (run.task_id, run.run_id, run.eval_id) == (facts["task_id"], facts["run_id"], facts["eval_id"])
    assert run.subject == facts["model"]
    assert (run.created, run.started, run.completed) == (
        facts["created"],
        facts["started_at"],
        facts["completed_at"],
    )
    total = facts["total_samples"]
    assert run.n_samples == (facts["samples_in_file"] if total is None else total)
    assert run.n_errors == facts["samples_with_error"]
    assert set(run.other_models) == set(facts["models_used"]) - {facts["model"]}
    conditions = run.conditions
    for ours, theirs in {
        "limit": "limit",
        "epochs": "epochs",
        "dataset_name": "dataset_name",
        "dataset_samples": "dataset_samples",
        "completed_samples": "completed_samples",
        "samples_in_file": "samples_in_file",
        "model_base_url": "model_base_url",
        "invalidated": "invalidated",
        "packages": "packages",
        "total_tokens": "total_tokens",
    }.items():
        assert conditions[ours] == facts[theirs], ours
    assert (conditions["samples_hit_limit"] or 0) == facts["samples_hit_limit"]
    if facts["error_message"]:
        first_words = facts["error_message"][:60]
        assert any(first_words in p.message for p in reading.problems if p.code == "run-error")

    stated = [
        (score["name"], score["reducer"], metric, value, score["metrics"].get("stderr"))
        for score in facts["scores"]
        for metric, value in score["metrics"].items()
        if metric != "stderr"
    ]
    assert [(m.scorer, m.filter, m.metric, m.value, stderr(m)) for m in run.measurements] == stated
    for score, measurement in zip(facts["scores"], run.measurements, strict=False):
        assert measurement.n == (score["scored_samples"] or facts["completed_samples"])
        assert measurement.direction is None, "the log does not say which way is better"
    assert not [p for p in reading.problems if p.code in ("header-samples-differ", "sample-count-differs")]


def check_lm_eval(path: Path, facts: dict[str, Any], sha256: str) -> None:
    reading = read(path)
    run = only_run(reading)
    assert reading.sha256 == sha256
    assert reading.format == "lm-eval"
    assert (reading.tool, reading.tool_version) == (facts["tool"], facts["tool_version"])
    assert facts["schema"].startswith(f"{reading.format_version} ")
    assert run.subject == facts["model_name"]
    assert run.created == facts["date_utc"]
    assert run.status == ("complete" if facts["limit"] is None else "partial")
    for name in (
        "git_hash",
        "limit",
        "batch_size",
        "gen_kwargs",
        "random_seed",
        "model_source",
        "model_args",
    ):
        assert run.conditions[name] == facts[name], name
    for name in ("chat_template_sha", "fewshot_as_multiturn"):
        assert run.conditions[name] == facts[name], name

    tasks = {task["task"]: task for task in facts["tasks"]}
    assert len(tasks) == facts["n_result_rows"]
    assert {m.benchmark for m in run.measurements} == set(tasks)
    assert {m.benchmark for m in run.measurements if m.is_group} == set(facts["groups"])
    stated = [
        (name, key.split(",")[0], metric["filter"], metric["value"], metric["stderr"])
        for name, task in tasks.items()
        for key, metric in task["metrics"].items()
    ]
    assert [(m.benchmark, m.metric, m.filter, m.value, stderr(m)) for m in run.measurements] == stated
    for measurement in run.measurements:
        task = tasks[str(measurement.benchmark)]
        assert measurement.n == task["n_effective"]
        assert measurement.is_group is task["is_group"]
        higher = (task["higher_is_better"] or {}).get(measurement.metric)
        assert measurement.direction == {True: "higher", False: "lower", None: None}[higher]
    versions, shots = run.conditions["task_versions"] or {}, run.conditions["n_shot"] or {}
    for name, task in tasks.items():
        assert versions.get(name) == task["task_version"]
        assert shots.get(name) == task["n_shot"]
        assert run.conditions["aliases"].get(name) == task["alias"]
        assert (run.conditions["n_original"] or {}).get(name) == task["n_original"]


@pytest.mark.parametrize("name", sorted(expected("lm-eval")))
def test_lm_eval_results_say_what_their_note_says(name: str) -> None:
    note = expected("lm-eval")[name]
    check_lm_eval(SAMPLES / "lm-eval" / name, note["expect"], note["sha256"])


def check_helm(reading: Reading, facts: dict[str, Any]) -> None:
    run = only_run(reading)
    assert reading.format == "helm"
    assert (reading.tool, reading.tool_version) == (facts["tool"], facts["tool_version"])
    assert run.status == "complete"
    assert run.run_id == facts["run"]
    assert run.benchmark == ", ".join(facts["groups"])
    assert run.subject == facts["model"]
    assert (run.created, run.started, run.completed) == (None, None, None)
    for name in ("groups", "scenario_class", "scenario_args", "model_deployment", "method", "temperature"):
        assert run.conditions[name] == facts[name], name
    assert run.conditions["max_eval_instances"] == facts["max_eval_instances"]
    assert run.conditions["n_instances"] == facts["n_instances"]
    assert [name.rsplit(".")[-1] for name in run.conditions["annotators"]] == facts["annotators"]
    assert run.n_samples == sum(facts["n_instances"].values())
    assert [(m.metric, m.filter, m.value) for m in run.measurements] == [
        (row["metric"], row["split"], row["value"]) for row in facts["metrics"]
    ]
    for measurement in run.measurements:
        assert measurement.n == facts["n_instances"][str(measurement.filter)]
        assert measurement.uncertainty == (), "a spread over one trial is no uncertainty"


@pytest.mark.parametrize("name", sorted(expected("helm")))
def test_helm_directory_says_what_its_note_says(name: str) -> None:
    check_helm(read(SAMPLES / "helm" / name), expected("helm")[name])


def package_evidence() -> list[Any]:
    return [
        pytest.param(path.parent, item, id=f"{path.parent.name}-{item['id']}")
        for path in sorted(SAMPLES.glob("package/*/expected.json"))
        for item in json.loads(path.read_text())["evidence"]
    ]


@pytest.mark.parametrize(("package", "item"), package_evidence())
def test_evidence_of_a_package_says_what_its_note_says(package: Path, item: dict[str, Any]) -> None:
    paths = {name: package / name for name in item["files"]}
    if item["expect"]["tool"] == "HELM":
        reading = read_many(paths)
        check_helm(reading, item["expect"])
        assert {f.name: f.sha256 for f in reading.files} == item["files"]
    else:
        (name,) = paths
        check_lm_eval(paths[name], item["expect"], item["files"][name])


def test_pointers_lead_to_the_numbers() -> None:
    for path in [*SAMPLES.glob("lm-eval/*.json"), *SAMPLES.glob("inspect/*.json")]:
        if path.name == "expected.json":
            continue
        document = json.loads(path.read_text())
        for run in read(path).runs:
            for measurement in run.measurements:
                assert _at(document, measurement.pointer) == measurement.value
    folder = SAMPLES / "helm" / "bbq_gpt-4o"
    for measurement in read(folder).runs[0].measurements:
        name, _, pointer = measurement.pointer.partition("#")
        assert _at(json.loads((folder / name).read_text()), pointer) == measurement.value


def _at(document: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def test_current_inspect_writes_zstandard_and_both_forms_agree() -> None:
    folder = SAMPLES / "fresh" / "inspect-ai"
    packed, plain = only_run(read(folder / "tooluse.eval")), only_run(read(folder / "tooluse.json"))
    assert (packed.status, packed.benchmark, packed.n_samples) == ("complete", "tooluse", 1)
    assert [m.value for m in packed.measurements] == [m.value for m in plain.measurements] == [1.0]


def test_current_inspect_run_with_an_errored_sample_counts_it() -> None:
    run = only_run(read(SAMPLES / "fresh" / "inspect-ai" / "qa.json"))
    assert (run.status, run.n_samples, run.n_errors) == ("complete", 7, 1)
    assert [(m.scorer, m.metric, m.value, m.n) for m in run.measurements] == [
        ("includes", "accuracy", 0.16666666666666666, 6),
        ("match", "accuracy", 0.16666666666666666, 6),
        ("length_score", "mean", 0.7999999999999999, 6),
        ("helpful", "mean", 1.0, 6),
        ("harmless", "mean", 0.5, 6),
    ]
    packed = only_run(read(SAMPLES / "fresh" / "inspect-ai" / "qa.eval"))
    assert (packed.n_samples, packed.n_errors, packed.conditions["epochs"]) == (14, 2, 2)
    assert packed.measurements[0].n == 6, "each sample counts once, however many epochs"


def test_current_lm_eval_results() -> None:
    (path,) = (SAMPLES / "fresh" / "lm-eval").glob("results_*.json")
    reading = read(path)
    run = only_run(reading)
    assert (reading.tool_version, run.benchmark, run.task_version) == ("0.4.13", "mini_mc", "1.0")
    assert [(m.metric, m.value, stderr(m), m.n, m.direction) for m in run.measurements] == [
        ("acc", 0.5, 0.28867513459481287, 4, "higher"),
        ("acc_norm", 0.5, 0.28867513459481287, 4, "higher"),
    ]


@pytest.mark.parametrize("folder", ["garak", "promptfoo", "metr-runs", "cyclonedx-ml", "model-card"])
def test_files_of_other_tools_stay_attachments(folder: str) -> None:
    for path in (SAMPLES / folder).iterdir():
        reading = read(path)
        assert reading.refused
        assert reading.format is None
        assert "attachment" in reading.problems[0].message
