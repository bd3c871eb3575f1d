"""Inspect logs (UK AI Security Institute, inspect_ai): `.json` and `.eval`, log versions 1 to 3.

The record comes from the header. The samples are only counted and averaged, to say where
header and samples disagree; the header's numbers are never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from review.evidence.facts import conditions, count, moment, number, pointer, rows, table, text
from review.evidence.inspect_samples import Tally, tally_of_document, tally_of_zip
from review.evidence.json_text import decode
from review.evidence.material import Material
from review.evidence.reading import (
    Found,
    Problem,
    ReadMeasurement,
    Refusal,
    Run,
    Status,
    Uncertainty,
    UncertaintyKind,
)

FORMAT = "inspect"
NEWEST_VERSION = 3
HEADER, START = "header.json", "_journal/start.json"
HEADER_PARTS = ("version", "status", "invalidated", "eval", "plan", "results", "stats", "error")
STATUS_WORDS: dict[str, Status] = {
    "success": "complete",
    "cancelled": "cancelled",
    "error": "error",
    "started": "unfinished",
}
SUFFIXES: tuple[tuple[str, UncertaintyKind], ...] = (
    ("_stderr", "stderr"),
    ("_stddev", "stddev"),
    ("_std", "stddev"),
)


def sniff(material: Material) -> bool:
    """A zip with Inspect's own members, or JSON with `status` and `eval.task`."""
    if material.is_zip:
        return HEADER in material.names or START in material.names
    if material.document is None:
        return False
    outline = material.document.outline()
    return "status" in outline and "eval" in outline and "task" in outline["eval"].outline()


def read(material: Material) -> Found:
    """The one run of the log with its measurements, and every doubt about it."""
    header, inside = _header(material)
    version = _version(header)
    tally = _tally(material, header)
    evaluation, results = table(header.get("eval")), table(header.get("results"))
    problems = list(_problems(header, results, tally, inside))
    measurements = _measurements(header, inside, problems)
    problems += _sample_doubts(header, measurements, tally, inside)
    return Found(
        format_version=str(version),
        tool="inspect_ai",
        tool_version=text(table(evaluation.get("packages")).get("inspect_ai")),
        runs=(_run(header, tally, tuple(measurements)),),
        problems=tuple(problems),
    )


def _header(material: Material) -> tuple[dict[str, Any], str]:
    """The header and the prefix of its pointers."""
    if material.document is not None:
        outline = material.document.outline()
        return {name: outline[name].decode() for name in HEADER_PARTS if name in outline}, ""
    member = HEADER if HEADER in material.names else START
    header = decode(material.member(member))
    if not isinstance(header, dict):
        raise Refusal("not-a-log", f"{member} of the log is not an object.")
    if member == START:
        header = {**header, "status": "started"}
    return header, member + "#"


def _version(header: Mapping[str, Any]) -> int:
    version = header.get("version", 2)  # the tool itself assumes 2 where a log says nothing
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= NEWEST_VERSION:
        raise Refusal(
            "log-version",
            f"This is version {str(version)[:20]} of Inspect's log format. "
            f"Versions 1 to {NEWEST_VERSION} can be read.",
        )
    return version


def _tally(material: Material, header: Mapping[str, Any]) -> Tally:
    if material.document is not None:
        return tally_of_document(material.document.outline().get("samples"))
    return tally_of_zip(material)


def _run(header: Mapping[str, Any], tally: Tally, measurements: tuple[ReadMeasurement, ...]) -> Run:
    evaluation, results, stats = (table(header.get(part)) for part in ("eval", "results", "stats"))
    subject = text(evaluation.get("model"))
    total, done = count(results.get("total_samples")), count(results.get("completed_samples"))
    missing = total - done if total is not None and done is not None else None
    return Run(
        status=_status(header, evaluation),
        subject=subject,
        other_models=_other_models(evaluation, stats, subject),
        run_id=text(evaluation.get("run_id")),
        task_id=text(evaluation.get("task_id")),
        eval_id=text(evaluation.get("eval_id")),
        created=moment(evaluation.get("created")),
        started=moment(stats.get("started_at")),
        completed=moment(stats.get("completed_at")),
        benchmark=text(evaluation.get("task")),
        task_version=text(evaluation.get("task_version")),
        conditions=_conditions(header, tally),
        n_samples=total if total is not None else tally.samples,
        n_errors=tally.errors if tally.errors is not None else missing,
        measurements=measurements,
    )


def _status(header: Mapping[str, Any], evaluation: Mapping[str, Any]) -> Status:
    """A run that took only a part of its dataset, or holds invalid samples, is partial."""
    status = STATUS_WORDS.get(text(header.get("status")) or "", "unknown")
    config = table(evaluation.get("config"))
    cut = config.get("limit") is not None or config.get("sample_id") is not None
    if status == "complete" and (cut or header.get("invalidated") is True):
        return "partial"
    return status


def _other_models(
    evaluation: Mapping[str, Any], stats: Mapping[str, Any], subject: str | None
) -> tuple[str, ...]:
    """Judges, graders and other roles; the usage list names them beside the subject."""
    roles = [
        text(table(role).get("model")) or text(role) for role in table(evaluation.get("model_roles")).values()
    ]
    used = [text(name) for name in table(stats.get("model_usage"))]
    return tuple(sorted({name for name in roles + used if name is not None and name != subject}))


def _conditions(header: Mapping[str, Any], tally: Tally) -> dict[str, Any]:
    evaluation, plan, stats = (table(header.get(part)) for part in ("eval", "plan", "stats"))
    config, dataset = table(evaluation.get("config")), table(evaluation.get("dataset"))
    generate = {**table(evaluation.get("model_generate_config")), **table(plan.get("config"))}
    steps = [table(step) for step in rows(plan.get("steps"))]
    stated: dict[str, Any] = {
        "limit": config.get("limit"),
        "epochs": config.get("epochs"),
        "epochs_reducer": config.get("epochs_reducer"),
        "sample_id": config.get("sample_id"),
        "dataset_name": dataset.get("name"),
        "dataset_samples": dataset.get("samples"),
        "temperature": generate.get("temperature"),
        "generate": generate,
        "message_limit": config.get("message_limit"),
        "token_limit": config.get("token_limit"),
        "time_limit": config.get("time_limit"),
        "fail_on_error": config.get("fail_on_error"),
        "solvers": [{"solver": step.get("solver"), "params": step.get("params")} for step in steps],
        "scorers": [table(scorer).get("name") for scorer in rows(evaluation.get("scorers"))],
        "task_args": evaluation.get("task_args"),
        "model_args": evaluation.get("model_args"),
        "model_roles": evaluation.get("model_roles"),
        "model_base_url": evaluation.get("model_base_url"),
        "sandbox": evaluation.get("sandbox"),
        "approval": config.get("approval"),
        "packages": evaluation.get("packages"),
        "revision": evaluation.get("revision"),
        "tags": evaluation.get("tags"),
        "metadata": evaluation.get("metadata"),
        "total_tokens": {
            name: table(usage).get("total_tokens") for name, usage in table(stats.get("model_usage")).items()
        },
        "completed_samples": table(header.get("results")).get("completed_samples"),
        "samples_in_file": tally.samples,
        "samples_hit_limit": tally.limited,
        "invalidated": header.get("invalidated"),
    }
    return conditions(stated)


def _problems(
    header: Mapping[str, Any], results: Mapping[str, Any], tally: Tally, inside: str
) -> Iterable[Problem]:
    status = text(header.get("status"))
    message = text(table(header.get("error")).get("message"))
    if status in ("error", "cancelled", "started"):
        words = {"error": "ended in an error", "cancelled": "was cancelled", "started": "did not finish"}[
            status
        ]
        reason = f": {message[:300]}" if message else ""
        yield Problem(
            severity="warning",
            code=f"run-{STATUS_WORDS[status]}",
            message=f"The run {words}{reason}. It is kept as such, never as a result.",
            pointer=inside + pointer("error" if message else "status"),
        )
    elif status not in STATUS_WORDS:
        yield Problem(
            severity="warning", code="status-unknown", message="The log does not say whether it finished."
        )
    elif _status(header, table(header.get("eval"))) == "partial":
        yield Problem(
            severity="warning",
            code="limited",
            message="The run took only a part of its dataset. It is kept as partial, not as a result.",
            pointer=inside + pointer("eval", "config"),
        )
    if status == "success" and not _scores(results):
        yield Problem(
            severity="info", code="no-scores", message="The run was not scored, so it has no result."
        )
    if header.get("invalidated") is True:
        yield Problem(
            severity="warning",
            code="invalidated",
            message="The log says that samples were marked as invalid.",
            pointer=inside + "/invalidated",
        )
    if tally.incomplete:
        yield Problem(severity="info", code="samples-unchecked", message="Not all samples could be checked.")


def _scores(results: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Pointer and score of each, under the three names that the versions used."""
    if isinstance(results.get("scorer"), (dict, str)) and isinstance(results.get("metrics"), dict):
        scorer = results["scorer"]
        name = scorer.get("name") if isinstance(scorer, dict) else scorer
        return [(pointer("results"), {"name": name, "metrics": results["metrics"]})]
    for member in ("scores", "scorers"):
        if rows(results.get(member)):
            return [(pointer("results", member, i), table(score)) for i, score in enumerate(results[member])]
    return []


def _measurements(header: Mapping[str, Any], inside: str, problems: list[Problem]) -> list[ReadMeasurement]:
    evaluation, results = table(header.get("eval")), table(header.get("results"))
    epochs = count(table(evaluation.get("config")).get("epochs")) or 1
    found: list[ReadMeasurement] = []
    for at, score in _scores(results):
        values = {
            name: number(table(metric).get("value")) for name, metric in table(score.get("metrics")).items()
        }
        stated = {name: value for name, value in values.items() if value is not None}
        problems += [
            Problem(
                severity="warning",
                code="value-missing",
                message=f'The metric "{name[:80]}" has no number.',
                pointer=inside + at + pointer("metrics", name),
            )
            for name in values.keys() - stated.keys()
        ]
        attached, loose = _uncertainties(stated)
        problems += [
            Problem(
                severity="info",
                code="uncertainty-unattached",
                message=f'"{name[:80]}" = {stated[name]!r} stands beside several numbers and belongs to none.',
                pointer=inside + at + pointer("metrics", name, "value"),
            )
            for name in loose
        ]
        found += [
            ReadMeasurement(
                benchmark=text(evaluation.get("task")),
                scorer=text(score.get("name")) or text(score.get("scorer")),
                metric=name,
                filter=text(score.get("reducer")),
                value=stated[name],
                uncertainty=tuple(uncertainty),
                n=_n(score, results, epochs),
                n_unit="sample",
                pointer=inside + at + pointer("metrics", name, "value"),
            )
            for name, uncertainty in attached.items()
        ]
    return found


def _n(score: Mapping[str, Any], results: Mapping[str, Any], epochs: int) -> int | None:
    """Samples that entered the metric: each counts once, however many epochs it was run."""
    scored = count(score.get("scored_samples"))
    if scored is not None:
        return scored
    runs = count(results.get("completed_samples"))
    runs = count(results.get("total_samples")) if runs is None else runs
    if runs is None or runs % epochs:
        return None
    return runs // epochs


def _uncertainties(values: Mapping[str, float]) -> tuple[dict[str, list[Uncertainty]], list[str]]:
    """Each metric with its uncertainty, and the uncertainties that belong to no single metric."""
    kinds = {name: found for name in values if (found := _uncertainty_kind(name, values)) is not None}
    attached: dict[str, list[Uncertainty]] = {name: [] for name in values if name not in kinds}
    loose: list[str] = []
    for name, (kind, stated_owner) in kinds.items():
        owner = stated_owner
        if owner is None and len(attached) == 1:
            owner = next(iter(attached))
        if owner is None:
            loose.append(name)
        else:
            attached[owner].append(Uncertainty(kind=kind, value=values[name]))
    return attached, loose


def _uncertainty_kind(name: str, values: Mapping[str, float]) -> tuple[UncertaintyKind, str | None] | None:
    """Kind and owner of an uncertainty; None for a metric. A spread of samples is no standard error."""
    bare = name.rsplit("/", 1)[-1]
    if bare in ("stderr", "bootstrap_stderr", "bootstrap_std"):
        return "stderr", None  # the spread of bootstrap means is a standard error
    if bare in ("std", "stddev"):
        return "stddev", None
    for suffix, kind in SUFFIXES:
        owner = name.removesuffix(suffix)
        if owner != name and owner in values:
            return kind, owner
    return None


def _sample_doubts(
    header: Mapping[str, Any], measurements: list[ReadMeasurement], tally: Tally, inside: str
) -> list[Problem]:
    """Where the samples in the file say something else than the header."""
    doubts: list[Problem] = []
    total = count(table(header.get("results")).get("total_samples"))
    if total is not None and tally.samples is not None and total != tally.samples:
        doubts.append(
            Problem(
                severity="warning",
                code="sample-count-differs",
                message=f"The header counts {total:,} samples; the file holds {tally.samples:,}.",
                pointer=inside + "/results/total_samples",
            )
        )
    reducers = rows(table(table(header.get("eval")).get("config")).get("epochs_reducer"))
    plain = not reducers or reducers == ["mean"]
    if tally.incomplete or not plain:
        return doubts
    scorers = {
        text(score.get("name")): text(score.get("scorer"))
        for _, score in _scores(table(header.get("results")))
    }
    for measurement in measurements:
        if measurement.metric not in ("accuracy", "mean") or measurement.filter not in (None, "mean"):
            continue
        mean = tally.mean(measurement.scorer, scorers.get(measurement.scorer))
        if mean is not None and abs(mean - measurement.value) > 1e-6:
            doubts.append(
                Problem(
                    severity="warning",
                    code="header-samples-differ",
                    message=(
                        f"The header says {measurement.metric} {measurement.value_text}; "
                        f"the samples in the file average {mean!r}. The header is kept."
                    ),
                    pointer=measurement.pointer,
                )
            )
    return doubts
