"""The rules that real files force, one by one, on small files made here."""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import pytest

from review.evidence import Reading, ReadMeasurement, Run, propose, read, read_many


def saved(folder: Path, value: Any, name: str = "file.json") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def log(**parts: Any) -> dict[str, Any]:
    """An Inspect log of 4 samples with one score, changed as the test says."""
    evaluation = {"task": "range", "task_version": 1, "model": "lab/heron", "config": {"epochs": 1}}
    score = {"name": "solved", "scorer": "solved", "metrics": metrics(accuracy=0.5, stderr=0.25)}
    return {
        "version": 2,
        "status": "success",
        "eval": evaluation,
        "results": {"total_samples": 4, "completed_samples": 4, "scores": [score]},
        "stats": {},
        **parts,
    }


def metrics(**values: float) -> dict[str, Any]:
    return {name: {"name": name, "value": value} for name, value in values.items()}


def scored(values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return log(
        results={
            "total_samples": 4,
            "completed_samples": 4,
            "scores": [{"name": "s", "metrics": values} | more],
        }
    )


def the_run(reading: Reading) -> Run:
    assert not reading.refused, reading.problems
    (run,) = reading.runs
    return run


def codes(reading: Reading) -> set[str]:
    return {p.code for p in reading.problems}


# Inspect


def test_log_version_1_keeps_its_one_scorer_in_results(tmp_path: Path) -> None:
    results = {
        "total_samples": 4,
        "completed_samples": 4,
        "scorer": {"name": "match"},
        "metrics": metrics(accuracy=0.75),
    }
    reading = read(saved(tmp_path, log(version=1, results=results)))
    (measurement,) = the_run(reading).measurements
    assert reading.format_version == "1"
    assert (measurement.scorer, measurement.metric, measurement.value) == ("match", "accuracy", 0.75)
    assert measurement.pointer == "/results/metrics/accuracy/value"


def test_logs_of_summer_2024_name_their_scores_scorers(tmp_path: Path) -> None:
    results = {"total_samples": 4, "scorers": [{"name": "match", "metrics": metrics(accuracy=0.75)}]}
    (measurement,) = the_run(read(saved(tmp_path, log(results=results)))).measurements
    assert (measurement.value, measurement.n) == (0.75, 4)
    assert measurement.pointer == "/results/scorers/0/metrics/accuracy/value"


def test_log_version_3_and_a_log_without_version_are_read(tmp_path: Path) -> None:
    assert read(saved(tmp_path, log(version=3))).format_version == "3"
    silent = log()
    del silent["version"]
    assert read(saved(tmp_path, silent)).format_version == "2"


def test_n_counts_each_sample_once_however_many_epochs(tmp_path: Path) -> None:
    evaluation = {"task": "t", "model": "m", "config": {"epochs": 5}}
    score = {"name": "s", "metrics": metrics(accuracy=0.5)}
    results = {"total_samples": 50, "completed_samples": 50, "scores": [score, score | {"scored_samples": 9}]}
    run = the_run(read(saved(tmp_path, log(eval=evaluation, results=results))))
    assert [m.n for m in run.measurements] == [10, 9]
    assert run.n_samples == 50


def test_two_reducers_of_one_scorer_stay_apart(tmp_path: Path) -> None:
    scores = [
        {"name": "s", "reducer": r, "metrics": metrics(accuracy=v)}
        for r, v in (("mean", 0.4), ("pass_at_1", 0.6))
    ]
    run = the_run(read(saved(tmp_path, log(results={"total_samples": 4, "scores": scores}))))
    assert [(m.filter, m.value) for m in run.measurements] == [("mean", 0.4), ("pass_at_1", 0.6)]


def test_a_standard_deviation_never_becomes_a_standard_error(tmp_path: Path) -> None:
    run = the_run(read(saved(tmp_path, scored(metrics(mean=0.5, std=0.3, stderr=0.1)))))
    (measurement,) = run.measurements
    assert [(u.kind, u.value) for u in measurement.uncertainty] == [("stddev", 0.3), ("stderr", 0.1)]


def test_a_bare_stderr_beside_two_means_belongs_to_neither(tmp_path: Path) -> None:
    reading = read(saved(tmp_path, scored(metrics(easy=0.9, hard=0.1, stderr=0.05, hard_stderr=0.02))))
    easy, hard = the_run(reading).measurements
    assert easy.uncertainty == ()
    assert [u.value for u in hard.uncertainty] == [0.02]
    assert "uncertainty-unattached" in codes(reading)


@pytest.mark.parametrize("config", [{"limit": 10}, {"limit": [0, 5]}, {"sample_id": ["a", "b"]}])
def test_run_on_a_part_of_the_dataset_is_partial(tmp_path: Path, config: dict[str, Any]) -> None:
    reading = read(saved(tmp_path, log(eval={"task": "t", "model": "m", "config": config})))
    assert the_run(reading).status == "partial"
    assert "limited" in codes(reading)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("cancelled", "cancelled"),
        ("error", "error"),
        ("started", "unfinished"),
        ("odd", "unknown"),
        (None, "unknown"),
    ],
)
def test_run_that_did_not_end_well_is_kept_as_such(tmp_path: Path, word: str | None, status: str) -> None:
    reading = read(saved(tmp_path, log(status=word, error={"message": "out of budget"})))
    assert the_run(reading).status == status
    assert [p for p in reading.problems if p.severity == "warning"]


def test_unfinished_eval_is_known_from_its_journal(tmp_path: Path) -> None:
    path = tmp_path / "run.eval"
    summaries = [{"id": i, "epoch": 1, "error": "boom" if i == 1 else None} for i in range(3)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", json.dumps({"version": 2, "eval": log()["eval"], "plan": {}}))
        archive.writestr("_journal/summaries/1.json", json.dumps(summaries))
    reading = read(path)
    run = the_run(reading)
    assert (run.status, run.benchmark, run.subject) == ("unfinished", "range", "lab/heron")
    assert (run.n_samples, run.n_errors, run.measurements) == (3, 1, ())
    assert "run-unfinished" in codes(reading)


def test_header_that_its_samples_contradict_is_kept_and_doubted(tmp_path: Path) -> None:
    marks = ["C", "I", "I", "I"]
    samples = [{"id": i, "scores": {"solved": {"value": mark}}} for i, mark in enumerate(marks)]
    reading = read(saved(tmp_path, log(samples=samples)))
    assert the_run(reading).measurements[0].value == 0.5
    (doubt,) = [p for p in reading.problems if p.code == "header-samples-differ"]
    assert "0.25" in doubt.message
    assert doubt.pointer == "/results/scores/0/metrics/accuracy/value"


def test_errored_samples_and_a_cut_log_are_seen(tmp_path: Path) -> None:
    samples = [{"id": 1, "error": {"message": "x"}}, {"id": 2, "limit": {"type": "token"}}]
    reading = read(saved(tmp_path, log(samples=samples)))
    run = the_run(reading)
    assert (run.n_samples, run.n_errors, run.conditions["samples_hit_limit"]) == (4, 1, 1)
    assert "sample-count-differs" in codes(reading)


def test_errors_are_counted_from_the_header_when_the_samples_are_gone(tmp_path: Path) -> None:
    results = {"total_samples": 5, "completed_samples": 3, "scores": []}
    assert the_run(read(saved(tmp_path, log(results=results)))).n_errors == 2


def test_judges_are_other_models_never_the_subject(tmp_path: Path) -> None:
    stats = {"model_usage": {"lab/heron": {"total_tokens": 1}, "judge/large": {"total_tokens": 2}}}
    evaluation = log()["eval"] | {"model_roles": {"attacker": {"model": "red/one"}}}
    run = the_run(read(saved(tmp_path, log(stats=stats, eval=evaluation))))
    assert run.subject == "lab/heron"
    assert run.other_models == ("judge/large", "red/one")


def test_success_without_scores_is_no_result(tmp_path: Path) -> None:
    reading = read(saved(tmp_path, log(results={"total_samples": 4, "completed_samples": 4, "scores": []})))
    assert the_run(reading).measurements == ()
    assert "no-scores" in codes(reading)


def test_a_time_without_zone_is_not_disclosed(tmp_path: Path) -> None:
    stats = {"started_at": "2026-01-02T03:04:05", "completed_at": "2026-01-02T03:04:05+02:00"}
    run = the_run(read(saved(tmp_path, log(stats=stats))))
    assert (run.started, run.completed) == (None, "2026-01-02T03:04:05+02:00")


def test_a_very_long_condition_is_cut(tmp_path: Path) -> None:
    evaluation = log()["eval"] | {"model_args": {"custom_outputs": ["x" * 5_000] * 3_000}}
    run = the_run(read(saved(tmp_path, log(eval=evaluation))))
    assert len(json.dumps(dict(run.conditions))) < 200_000


# Numbers


def test_numbers_that_json_cannot_carry_become_words(tmp_path: Path) -> None:
    text = json.dumps(scored(metrics(mean=math.nan, high=math.inf, low=-math.inf)))
    reading = read(saved(tmp_path, text))
    assert [m.value_text for m in the_run(reading).measurements] == ["NaN", "Infinity", "-Infinity"]
    measurements: Any = reading.document()["runs"]
    assert [m["value"] for m in measurements[0]["measurements"]] == ["NaN", "Infinity", "-Infinity"]


@pytest.mark.parametrize("value", ["0.1", "1e-320", "0.30000000000000004", "4.965068306494546e-17", "71"])
def test_values_keep_their_full_precision(tmp_path: Path, value: str) -> None:
    text = json.dumps(scored(metrics(mean=0.125))).replace("0.125", value)
    (measurement,) = the_run(read(saved(tmp_path, text))).measurements
    assert measurement.value_text == repr(float(value))
    assert float(json.loads(json.dumps(measurement.document()))["value"]) == float(value)


# lm-evaluation-harness


def results(**parts: Any) -> dict[str, Any]:
    row = {"alias": "arc", "acc,none": 0.5, "acc_stderr,none": 0.1}
    return {"results": {"arc": row}, "configs": {"arc": {}}, "versions": {"arc": 1}, "config": {}, **parts}


@pytest.mark.parametrize("stated", ["N/A", None, ""])
def test_a_standard_error_that_is_no_number_is_none(tmp_path: Path, stated: Any) -> None:
    path = saved(tmp_path, results(results={"arc": {"acc,none": 0.5, "acc_stderr,none": stated}}))
    (measurement,) = the_run(read(path)).measurements
    assert measurement.uncertainty == ()


def test_each_filter_of_one_metric_is_its_own_record(tmp_path: Path) -> None:
    row = {
        "exact_match,strict-match": 0.25,
        "exact_match_stderr,strict-match": 0.01,
        "exact_match,flexible-extract": 0.5,
        "exact_match_stderr,flexible-extract": math.nan,
    }
    strict, flexible = the_run(read(saved(tmp_path, results(results={"gsm8k": row})))).measurements
    assert (strict.filter, strict.value, strict.uncertainty[0].value) == ("strict-match", 0.25, 0.01)
    assert flexible.filter == "flexible-extract"
    assert flexible.uncertainty[0].document() == {"kind": "stderr", "value": "NaN"}


def test_limit_makes_the_run_partial(tmp_path: Path) -> None:
    assert the_run(read(saved(tmp_path, results(config={"limit": 10})))).status == "partial"
    cut = results(**{"n-samples": {"arc": {"original": 100, "effective": 10}}})
    run = the_run(read(saved(tmp_path, cut)))
    assert (run.status, run.n_samples, run.measurements[0].n) == ("partial", 10, 10)


def test_group_is_marked_and_not_counted_twice(tmp_path: Path) -> None:
    rows = {"all": {"acc,none": 0.4, "alias": "all"}, "one": {"acc,none": 0.4, "alias": " - one"}}
    sizes = {"one": {"original": 7, "effective": 7}}
    whole = results(results=rows, groups={"all": {}}, **{"n-samples": sizes})
    run = the_run(read(saved(tmp_path, whole)))
    assert [(m.benchmark, m.is_group, m.n) for m in run.measurements] == [
        ("all", True, None),
        ("one", False, 7),
    ]
    assert run.n_samples == 7


def test_hand_cut_results_name_their_model(tmp_path: Path) -> None:
    whole = {"model": "lab/heron", "tasks": ["arc"], "num_fewshot": 5, "results": {"arc": {"acc": 0.5}}}
    reading = read(saved(tmp_path, whole))
    assert (reading.format, reading.format_version) == ("lm-eval", "v0")
    assert the_run(reading).subject == "lab/heron"
    assert the_run(reading).conditions["n_shot"] == 5


@pytest.mark.parametrize("arguments", ["pretrained=lab/heron,dtype=auto", {"pretrained": "lab/heron"}])
def test_model_is_found_in_its_arguments(tmp_path: Path, arguments: Any) -> None:
    assert the_run(read(saved(tmp_path, results(config={"model_args": arguments})))).subject == "lab/heron"


def test_run_in_which_no_answer_was_parsed_looks_broken(tmp_path: Path) -> None:
    row = {"acc,none": 0.0, "percent_parseable,none": 0}
    assert "nothing-parsed" in codes(read(saved(tmp_path, results(results={"t": row}))))


# HELM

SPEC = {
    "name": "toy:part=a,model=lab_heron",
    "scenario_spec": {"class_name": "x.ToyScenario", "args": {"part": "a"}},
    "adapter_spec": {"method": "generation", "model": "lab/heron", "temperature": 0.0},
    "groups": ["toy"],
}


def stat(metric: str, mean: float, *, trials: int = 1, stddev: float = 0.0, **more: Any) -> dict[str, Any]:
    return {"name": {"name": metric, "split": "test"} | more, "count": trials, "mean": mean, "stddev": stddev}


def helm_files(folder: Path, *stats: dict[str, Any]) -> dict[str, Path]:
    paths = {"run_spec.json": saved(folder, SPEC, "run_spec.json")}
    if stats:
        paths["stats.json"] = saved(folder, list(stats), "stats.json")
    return paths


def test_perturbed_copies_and_costs_are_no_measurements(tmp_path: Path) -> None:
    perturbed = stat("toy_score", 0.1, perturbation={"name": "robustness"})
    instances = [stat("num_instances", 40), stat("num_instances", 80, perturbation={"name": "robustness"})]
    costs = [stat("training_co2_cost", 5), stat("inference_runtime", 2), stat("finish_reason_stop", 1)]
    run = the_run(read_many(helm_files(tmp_path, perturbed, *instances, *costs, stat("toy_score", 0.75))))
    (measurement,) = run.measurements
    assert (measurement.metric, measurement.value, measurement.n) == ("toy_score", 0.75, 40)
    assert measurement.pointer == "stats.json#/6/mean"


def test_spread_over_trials_is_a_standard_deviation(tmp_path: Path) -> None:
    run = the_run(read_many(helm_files(tmp_path, stat("toy_score", 0.75, trials=3, stddev=0.2))))
    assert [(u.kind, u.value) for u in run.measurements[0].uncertainty] == [("stddev", 0.2)]


def test_helm_run_without_stats_did_not_finish(tmp_path: Path) -> None:
    reading = read_many({**helm_files(tmp_path), "scenario.json": saved(tmp_path, {}, "scenario.json")})
    assert the_run(reading).status == "unfinished"
    assert the_run(reading).run_id == SPEC["name"]


def test_directory_zip_and_loose_files_of_a_helm_run_agree(tmp_path: Path) -> None:
    folder = tmp_path / "toy:part=a,model=lab_heron"
    folder.mkdir()
    files = helm_files(folder, stat("num_instances", 40), stat("toy_score", 0.75))
    packed = tmp_path / "run.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files.items():
            archive.write(path, f"{folder.name}/{name}")
    direct, loose, zipped = read(folder), read_many(files), read(packed)
    for reading in (direct, loose, zipped):
        assert (the_run(reading).subject, the_run(reading).measurements[0].value) == ("lab/heron", 0.75)
    assert direct.bytes is None
    assert direct.sha256 is None
    assert [f.name for f in direct.files] == ["run_spec.json", "stats.json"]
    assert zipped.sha256 is not None


# The door


def test_document_has_every_key_even_of_a_refusal(tmp_path: Path) -> None:
    keys = [
        "file",
        "files",
        "bytes",
        "sha256",
        "format",
        "format_version",
        "tool",
        "tool_version",
        "problems",
        "runs",
    ]
    good, bad = read(saved(tmp_path, log())).document(), read(saved(tmp_path, "hello", "x.txt")).document()
    assert list(good) == list(bad) == keys
    runs: Any = good["runs"]
    assert list(runs[0]) == [
        "status", "subject", "other_models", "run_id", "task_id", "eval_id", "created", "started", "completed",
        "benchmark", "task_version", "conditions", "n_samples", "n_errors", "measurements",
    ]  # fmt: skip
    assert list(runs[0]["measurements"][0]) == [
        "benchmark", "scorer", "metric", "filter", "value", "uncertainty", "n", "n_unit", "direction", "is_group",
        "pointer",
    ]  # fmt: skip


def test_the_name_shown_is_the_name_given_not_the_place_of_storage(tmp_path: Path) -> None:
    stored = saved(tmp_path, log(), "3f9a0c")
    assert read(stored, "range.json").file == "range.json"
    reading = read_many({"upload/range.json": stored})
    assert (reading.file, reading.format) == ("upload/range.json", "inspect")


@pytest.mark.parametrize(
    ("benchmark", "metric", "domain", "method", "kind", "direction"),
    [
        ("cyber_range_40", "accuracy", "CYBER", "CYBER_RANGE", "PROPORTION", "higher"),
        (
            "inspect_evals/cybermetric_10000",
            "accuracy",
            "CYBER",
            "AUTOMATED_BENCHMARK",
            "PROPORTION",
            "higher",
        ),
        ("safeguard_bypass_attempts", "accuracy", "SAFEGUARDS", "AUTOMATED_RED_TEAM", "PROPORTION", "lower"),
        ("cbrn_protocol_qa", "acc", "CBRN", "AUTOMATED_BENCHMARK", "PROPORTION", "higher"),
        ("autonomy_day_tasks", "accuracy", "AUTONOMY", "AGENTIC_TASK", "PROPORTION", "higher"),
        ("persuasion_panel", "mean", "MANIPULATION", "AUTOMATED_BENCHMARK", "PROPORTION", None),
        ("bbq", "bbq_accuracy", "PROPENSITY", "AUTOMATED_BENCHMARK", "PROPORTION", "higher"),
        ("steer", "acc", "GENERAL", "AUTOMATED_BENCHMARK", "PROPORTION", "higher"),
        ("our_own_thing", "vibes", None, None, None, None),
    ],
)
def test_proposals_for_a_person_to_confirm(
    benchmark: str,
    metric: str,
    domain: str | None,
    method: str | None,
    kind: str | None,
    direction: str | None,
) -> None:
    measurement = ReadMeasurement(benchmark=benchmark, scorer=None, metric=metric, value=0.5, pointer="")
    proposal = propose(measurement, Run(status="complete", benchmark=benchmark))
    assert (proposal.domain, proposal.method) == (domain, method)
    assert (proposal.metric_type, proposal.direction) == (kind, direction)
