"""HELM runs (Stanford CRFM): a directory, a zip of it, or its files together.

`run_spec.json` says what was run and `stats.json` what came out. The value is the row's mean;
n is the number of instances of the row's split, never the row's `count`, which counts trials.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from review.evidence.facts import conditions, count, number, pointer, rows, table, text
from review.evidence.json_text import decode
from review.evidence.material import Material
from review.evidence.reading import Found, Problem, ReadMeasurement, Refusal, Run, Uncertainty

FORMAT = "helm"
MAX_RUNS = 50
SPEC, STATS, SCENARIO = "run_spec.json", "stats.json", "scenario.json"
# Costs, tokens, likelihoods and calibration of the run itself: no measurement of what was asked.
NOT_MEASUREMENTS = (
    "num_", "inference_", "training_", "finish_", "batch_size", "logprob", "perplexity", "bits_per_byte",
    "max_prob", "prompt_truncated", "ece_", "platt_", "selective_", "predicted_index",
)  # fmt: skip


def sniff(material: Material) -> bool:
    """Some folder holds both `run_spec.json` and `stats.json`, or one of them (an unfinished run)."""
    if material.document is not None:
        return False
    return bool(_folders(material, SPEC) | _folders(material, STATS))


def read(material: Material) -> Found:
    """One run for each folder that holds a run_spec."""
    specified, measured = _folders(material, SPEC), _folders(material, STATS)
    if measured - specified:
        raise Refusal(
            "helm-incomplete", "The run holds stats.json without run_spec.json, so its model is unknown."
        )
    if len(specified) > MAX_RUNS:
        raise Refusal("too-many-runs", f"The folder holds more than {MAX_RUNS} runs. Attach them in parts.")
    problems: list[Problem] = []
    runs = tuple(_run(material, folder, folder in measured, problems) for folder in sorted(specified))
    return Found(tool="HELM", runs=runs, problems=tuple(problems))


def _folders(material: Material, name: str) -> set[str]:
    return {
        member[: -len(name)] for member in material.names if member == name or member.endswith("/" + name)
    }


def _run(material: Material, folder: str, measured: bool, problems: list[Problem]) -> Run:
    spec = table(_decoded(material, folder + SPEC))
    adapter = table(spec.get("adapter_spec"))
    if not adapter:
        raise Refusal(
            "not-a-run", f"{SPEC} does not say how the model was asked.", folder + SPEC + "#/adapter_spec"
        )
    has_scenario = folder + SCENARIO in material.names
    scenario = table(_decoded(material, folder + SCENARIO)) if has_scenario else {}
    stats = [table(row) for row in rows(_decoded(material, folder + STATS))] if measured else []
    sizes = _instances(stats)
    benchmark = _benchmark(spec, scenario)
    measurements = tuple(_measurements(spec, stats, sizes, benchmark, folder))
    problems += _doubts(spec, stats, measurements, folder, measured)
    return Run(
        status="complete" if measured else "unfinished",
        subject=text(adapter.get("model")),
        run_id=text(spec.get("name")),
        benchmark=benchmark,
        conditions=_conditions(spec, scenario, sizes),
        n_samples=sum(sizes.values()) if sizes else None,
        measurements=measurements,
    )


def _decoded(material: Material, name: str) -> Any:
    return decode(material.member(name))


def _benchmark(spec: Mapping[str, Any], scenario: Mapping[str, Any]) -> str | None:
    groups = [group for group in rows(spec.get("groups")) if isinstance(group, str)]
    named = ", ".join(groups) or text(scenario.get("name"))
    return named or (text(spec.get("name")) or "").partition(":")[0] or None


def _conditions(
    spec: Mapping[str, Any], scenario: Mapping[str, Any], sizes: Mapping[str, int]
) -> dict[str, Any]:
    adapter, source = table(spec.get("adapter_spec")), table(spec.get("scenario_spec"))
    stated: dict[str, Any] = {
        "method": adapter.get("method"),
        "model_deployment": adapter.get("model_deployment"),
        "temperature": adapter.get("temperature"),
        "max_tokens": adapter.get("max_tokens"),
        "max_eval_instances": adapter.get("max_eval_instances"),
        "max_train_instances": adapter.get("max_train_instances"),
        "num_trials": adapter.get("num_trials"),
        "num_outputs": adapter.get("num_outputs"),
        "instructions": adapter.get("instructions"),
        "scenario_class": source.get("class_name"),
        "scenario_args": source.get("args"),
        "scenario_description": scenario.get("description"),
        "groups": spec.get("groups"),
        "annotators": [table(annotator).get("class_name") for annotator in rows(spec.get("annotators"))],
        "n_instances": dict(sizes),
    }
    return conditions(stated)


def _instances(stats: list[dict[str, Any]]) -> dict[str, int]:
    """Instances of each split, without the perturbed copies."""
    sizes: dict[str, int] = {}
    for row in stats:
        name = table(row.get("name"))
        split, size = text(name.get("split")), count(row.get("mean"))
        if name.get("name") == "num_instances" and "perturbation" not in name and split and size is not None:
            sizes.setdefault(split, size)
    return sizes


def _measurements(
    spec: Mapping[str, Any],
    stats: list[dict[str, Any]],
    sizes: Mapping[str, int],
    benchmark: str | None,
    folder: str,
) -> Iterator[ReadMeasurement]:
    arguments = table(table(spec.get("scenario_spec")).get("args"))
    variant = ",".join(f"{key}={value}" for key, value in arguments.items() if isinstance(value, (str, int)))
    for index, row in enumerate(stats):
        name = table(row.get("name"))
        metric, split, value = text(name.get("name")), text(name.get("split")), number(row.get("mean"))
        if metric is None or value is None or name.get("perturbation") or metric.startswith(NOT_MEASUREMENTS):
            continue
        sub_split = text(name.get("sub_split"))
        yield ReadMeasurement(
            benchmark=f"{benchmark}:{variant}"[:300] if benchmark and variant else benchmark,
            scorer=None,
            metric=metric,
            filter=f"{split}/{sub_split}" if split and sub_split else split,
            value=value,
            uncertainty=_spread(row),
            n=sizes.get(split) if split else None,
            n_unit="instance",
            pointer=folder + STATS + "#" + pointer(index, "mean"),
        )


def _spread(row: Mapping[str, Any]) -> tuple[Uncertainty, ...]:
    """The standard deviation across trials; of a single trial it says nothing."""
    trials, deviation = count(row.get("count")), number(row.get("stddev"))
    if trials is None or trials < 2 or deviation is None:
        return ()
    return (Uncertainty(kind="stddev", value=deviation),)


def _doubts(
    spec: Mapping[str, Any],
    stats: list[dict[str, Any]],
    measurements: tuple[ReadMeasurement, ...],
    folder: str,
    measured: bool,
) -> Iterator[Problem]:
    if not measured:
        yield Problem(
            severity="warning",
            code="run-unfinished",
            message="The run holds no stats.json: it did not finish and has no result.",
            pointer=folder + SPEC,
        )
        return
    if not measurements:
        yield Problem(severity="warning", code="no-scores", message="stats.json holds no measurement.")
    yield Problem(
        severity="info",
        code="date-not-disclosed",
        message="HELM writes neither the date of the run nor its own version into these files.",
    )
    if rows(spec.get("annotators")):
        yield Problem(
            severity="info",
            code="judge-not-named",
            message="Other models judged the answers. These files do not name them.",
            pointer=folder + SPEC + "#/annotators",
        )
    left_out = len(stats) - len(measurements)
    if left_out:
        yield Problem(
            severity="info",
            code="rows-left-out",
            message=f"{left_out} rows on cost, tokens, calibration or perturbed copies were left out.",
            pointer=folder + STATS,
        )
