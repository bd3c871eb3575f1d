"""Results files of EleutherAI's lm-evaluation-harness: the 2023 layout and v0.4 and later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from review.evidence.facts import conditions, count, epoch_moment, number, pointer, rows, table, text
from review.evidence.json_text import Node
from review.evidence.material import Material
from review.evidence.reading import (
    Direction,
    Found,
    Problem,
    ReadMeasurement,
    Refusal,
    Run,
    Status,
    Uncertainty,
)

FORMAT = "lm-eval"
# Everything a record needs; the rest of the file (environment, samples) stays undecoded.
PARTS = (
    "results", "groups", "group_subtasks", "configs", "versions", "n-shot", "higher_is_better", "n-samples",
    "config", "git_hash", "date", "lm_eval_version", "model_source", "model_name", "model", "tasks",
    "num_fewshot", "limit", "model_args", "system_instruction", "system_instruction_sha", "chat_template_sha",
    "fewshot_as_multiturn", "task_hashes", "total_evaluation_time_seconds",
)  # fmt: skip
LABELS = ("alias", "name", "sample_len", "sample_count", "task", "group", "samples")
MAX_NAME = 500
NAMING_ARGUMENTS = ("pretrained", "model", "engine")


def sniff(material: Material) -> bool:
    """JSON with `results` and one of the harness's own members; lighteval's look-alike too, to refuse it by name."""
    if material.document is None:
        return False
    outline = material.document.outline()
    if "results" not in outline or not outline["results"].is_object:
        return False
    return (
        "config_general" in outline
        or "versions" in outline
        or "configs" in outline
        or {"tasks", "num_fewshot"} <= outline.keys()
        or ("config" in outline and "model_args" in outline["config"].outline())
    )


def read(material: Material) -> Found:
    """One run with a measurement for each task, metric and filter."""
    outline: Mapping[str, Node] = material.document.outline() if material.document is not None else {}
    if "config_general" in outline:
        raise Refusal(
            "lighteval",
            "This is a lighteval results file, which no reader takes. It stays an attachment.",
            "/config_general",
        )
    whole = {name: outline[name].decode() for name in PARTS if name in outline}
    problems: list[Problem] = []
    measurements = tuple(_measurements(whole, problems))
    if not measurements:
        raise Refusal("no-results", "The results file states no number.", "/results")
    run = _run(whole, measurements)
    problems += _doubts(whole, run)
    return Found(
        format_version="v0.4" if _is_later(whole) else "v0",
        tool="lm-evaluation-harness",
        tool_version=text(whole.get("lm_eval_version")),
        runs=(run,),
        problems=tuple(problems),
    )


def _is_later(whole: Mapping[str, Any]) -> bool:
    if "configs" in whole:
        return True
    return any("," in name for row in table(whole.get("results")).values() for name in table(row))


def _run(whole: Mapping[str, Any], measurements: tuple[ReadMeasurement, ...]) -> Run:
    singles = [name for name in table(whole.get("results")) if not _is_group(whole, name)]
    groups = [name for name in table(whole.get("results")) if _is_group(whole, name)]
    counts = [_n(whole, name) for name in singles]
    # One name for the whole run: its only task, or its only group.
    name = singles[0] if len(singles) == 1 else groups[0] if len(groups) == 1 else None
    started = epoch_moment(whole.get("date"))
    return Run(
        status=_status(whole, singles),
        subject=_subject(whole),
        created=started,
        started=started,
        benchmark=name,
        task_version=None if name is None else text(table(whole.get("versions")).get(name)),
        conditions=_conditions(whole),
        n_samples=sum(n for n in counts if n is not None) if counts and None not in counts else None,
        measurements=measurements,
    )


def _status(whole: Mapping[str, Any], singles: list[str]) -> Status:
    """The harness writes results only after all tasks ended; a limit cuts each task short."""
    if table(whole.get("config")).get("limit") is not None or whole.get("limit") is not None:
        return "partial"
    for name in singles:
        sizes = table(table(whole.get("n-samples")).get(name))
        original, effective = count(sizes.get("original")), count(sizes.get("effective"))
        if original is not None and effective is not None and effective < original:
            return "partial"
    return "complete"


def _subject(whole: Mapping[str, Any]) -> str | None:
    """The model as the file names it; an adapter's name (hf, neox) is no model."""
    stated = text(whole.get("model_name"))
    if stated is not None:
        return stated
    arguments = table(whole.get("config")).get("model_args", whole.get("model_args"))
    if isinstance(arguments, str):
        arguments = dict(part.split("=", 1) for part in arguments.split(",") if "=" in part)
    named = next((name for key in NAMING_ARGUMENTS if (name := text(table(arguments).get(key)))), None)
    return named or ("config" not in whole and text(whole.get("model"))) or None


def _conditions(whole: Mapping[str, Any]) -> dict[str, Any]:
    config = table(whole.get("config"))
    tasks = {name: table(task) for name, task in table(whole.get("configs")).items()}
    sizes = table(whole.get("n-samples"))
    stated: dict[str, Any] = {
        "limit": config.get("limit", whole.get("limit")),
        "n_shot": whole.get("n-shot", config.get("num_fewshot", whole.get("num_fewshot"))),
        "gen_kwargs": config.get("gen_kwargs"),
        "model_source": whole.get("model_source", config.get("model")),
        "model_args": config.get("model_args", whole.get("model_args")),
        "model_dtype": config.get("model_dtype"),
        "model_revision": config.get("model_revision"),
        "model_sha": config.get("model_sha"),
        "batch_size": config.get("batch_size"),
        "random_seed": config.get("random_seed"),
        "chat_template_sha": whole.get("chat_template_sha"),
        "system_instruction": whole.get("system_instruction"),
        "system_instruction_sha": whole.get("system_instruction_sha"),
        "fewshot_as_multiturn": whole.get("fewshot_as_multiturn"),
        "git_hash": whole.get("git_hash"),
        "task_versions": whole.get("versions"),
        "task_hashes": whole.get("task_hashes"),
        "datasets": {name: task.get("dataset_path") for name, task in tasks.items()} or None,
        "output_types": {name: task.get("output_type") for name, task in tasks.items()} or None,
        "aliases": {
            name: alias
            for name, row in table(whole.get("results")).items()
            if (alias := table(row).get("alias")) is not None
        },
        "n_original": {name: table(size).get("original") for name, size in sizes.items()} or None,
        "group_subtasks": {
            name: members for name, members in table(whole.get("group_subtasks")).items() if members
        },
    }
    return conditions(stated)


def _measurements(whole: Mapping[str, Any], problems: list[Problem]) -> Iterator[ReadMeasurement]:
    for task, row in table(whole.get("results")).items():
        if len(task) > MAX_NAME:
            raise Refusal(
                "name-too-long", f"A task has a name of more than {MAX_NAME} characters.", "/results"
            )
        cells = {key: value for key, value in table(row).items() if key not in LABELS}
        for key, value in cells.items():
            metric, filter_name = _split(key)
            if _owner(metric) is not None:
                if _key(_owner(metric), filter_name) not in cells:
                    problems.append(_loose(task, key))
                continue
            stated = number(value)
            if stated is None:
                problems.append(_not_a_number(task, key, value))
                continue
            yield ReadMeasurement(
                benchmark=task,
                scorer=None,
                metric=metric,
                filter=filter_name,
                value=stated,
                uncertainty=_uncertainty(cells, metric, filter_name),
                n=_n(whole, task),
                n_unit="question",
                direction=_direction(whole, task, metric),
                is_group=_is_group(whole, task),
                pointer=pointer("results", task, key),
            )


def _split(key: str) -> tuple[str, str | None]:
    metric, comma, filter_name = key.partition(",")
    return metric, filter_name if comma else None


def _key(metric: str | None, filter_name: str | None) -> str:
    return f"{metric},{filter_name}" if filter_name is not None else f"{metric}"


def _owner(metric: str) -> str | None:
    return metric.removesuffix("_stderr") if metric.endswith("_stderr") else None


def _uncertainty(cells: Mapping[str, Any], metric: str, filter_name: str | None) -> tuple[Uncertainty, ...]:
    """The standard error, where the file states one; "N/A" is none."""
    stderr = number(cells.get(_key(metric + "_stderr", filter_name)))
    return () if stderr is None else (Uncertainty(kind="stderr", value=stderr),)


def _direction(whole: Mapping[str, Any], task: str, metric: str) -> Direction | None:
    higher = table(table(whole.get("higher_is_better")).get(task)).get(metric)
    if not isinstance(higher, bool):
        return None
    return "higher" if higher else "lower"


def _is_group(whole: Mapping[str, Any], task: str) -> bool:
    return task in table(whole.get("groups")) or bool(rows(table(whole.get("group_subtasks")).get(task)))


def _n(whole: Mapping[str, Any], task: str) -> int | None:
    effective = count(table(table(whole.get("n-samples")).get(task)).get("effective"))
    if effective is not None:
        return effective
    return count(table(table(whole.get("results")).get(task)).get("sample_len"))


def _doubts(whole: Mapping[str, Any], run: Run) -> Iterator[Problem]:
    if run.status == "partial":
        yield Problem(
            severity="warning",
            code="limited",
            message="The run took only a part of its questions. It is kept as partial, not as a result.",
            pointer=pointer("config", "limit"),
        )
    if run.subject is None:
        yield Problem(severity="warning", code="subject-unknown", message="The file does not name the model.")
    for task, row in table(whole.get("results")).items():
        for key, value in table(row).items():
            if key.startswith("percent_parseable") and number(value) == 0:
                yield Problem(
                    severity="warning",
                    code="nothing-parsed",
                    message=f'No answer of "{task[:80]}" could be parsed. The run looks broken.',
                    pointer=pointer("results", task, key),
                )


def _loose(task: str, key: str) -> Problem:
    return Problem(
        severity="info",
        code="uncertainty-unattached",
        message=f'"{key[:80]}" stands without its metric.',
        pointer=pointer("results", task, key),
    )


def _not_a_number(task: str, key: str, value: Any) -> Problem:
    return Problem(
        severity="warning",
        code="value-missing",
        message=f'"{key[:80]}" of "{task[:80]}" is not a number: {str(value)[:40]}.',
        pointer=pointer("results", task, key),
    )
