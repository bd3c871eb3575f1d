"""Whatever bytes arrive, a reading comes back, and its JSON is plain JSON."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from review.evidence import Reading, read, read_many

WORDS = [
    "version", "status", "eval", "task", "model", "results", "scores", "scorers", "scorer", "metrics", "name",
    "value", "accuracy", "stderr", "mean", "stats", "started_at", "completed_at", "model_usage", "plan", "steps",
    "config", "limit", "epochs", "samples", "error", "message", "versions", "configs", "n-samples", "effective",
    "original", "higher_is_better", "groups", "group_subtasks", "date", "model_args", "acc,none",
    "acc_stderr,none", "alias", "split", "adapter_spec", "scenario_spec", "args", "num_instances", "perturbation",
    "total_samples", "completed_samples", "scored_samples", "epochs_reducer", "reducer", "model_roles",
    "config_general", "success", "cancelled", "started", "C", "I", "NaN", "test",
]  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.sampled_from(WORDS)
    | st.text(max_size=8)
)
KEYS = st.sampled_from(WORDS) | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
INSPECT = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["success", "error", "cancelled", "started"]) | VALUES,
        "eval": st.fixed_dictionaries({"task": VALUES}, optional={"config": VALUES, "model_roles": VALUES}),
    },
    optional={
        "version": st.sampled_from([1, 2, 3]) | VALUES,
        "plan": VALUES,
        "results": VALUES
        | st.fixed_dictionaries(
            {"scores": st.lists(st.fixed_dictionaries({"name": SCALARS, "metrics": VALUES}), max_size=3)}
        ),
        "stats": VALUES,
        "error": VALUES,
        "samples": st.lists(
            st.dictionaries(st.sampled_from(["scores", "error", "limit"]), VALUES), max_size=3
        ),
    },
)
LM_EVAL = st.fixed_dictionaries(
    {"results": st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), max_size=3)},
    optional=dict.fromkeys(("versions", "configs", "config", "n-samples", "groups", "group_subtasks", "date", "n-shot", "higher_is_better", "model_name", "config_general"), VALUES),
)  # fmt: skip


def settled(reading: Reading) -> None:
    """The reading says yes or no, and never that a reader broke."""
    text = json.dumps(reading.document(), allow_nan=False)
    text.encode("utf-8")
    assert not [p for p in reading.problems if p.code == "reader-failed"]
    assert reading.refused is (not reading.runs)
    assert reading.runs or [p for p in reading.problems if p.severity == "error"]


def reading_of(data: bytes) -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        return read(path)


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    settled(reading_of(data))


@given(st.sampled_from([b"PK\x03\x04", b"{", b'{"eval": {"task": ', b"PK\x05\x06"]), st.binary(max_size=300))
def test_any_bytes_after_a_promising_start(head: bytes, data: bytes) -> None:
    settled(reading_of(head + data))


@given(VALUES | INSPECT | LM_EVAL)
def test_any_json(value: Any) -> None:
    settled(reading_of(json.dumps(value).encode()))


@given(INSPECT)
def test_any_inspect_log(value: Any) -> None:
    settled(reading_of(json.dumps(value).encode()))


@given(LM_EVAL)
def test_any_lm_eval_results(value: Any) -> None:
    settled(reading_of(json.dumps(value).encode()))


@given(VALUES, VALUES, VALUES)
def test_any_helm_directory(spec: Any, stats: Any, scenario: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / name for name in ("run_spec.json", "stats.json", "scenario.json")}
        for path, value in zip(paths.values(), (spec, stats, scenario), strict=True):
            path.write_text(json.dumps(value))
        settled(read_many(paths))


@given(st.data())
def test_a_log_with_any_bytes_changed(data: st.DataObject) -> None:
    text = bytearray(
        b'{"version": 2, "status": "success", "eval": {"task": "t", "model": "m", "config": {"epochs": 2}}, '
        b'"results": {"total_samples": 4, "scores": [{"name": "s", "metrics": {"mean": {"value": 0.5}}}]}}'
    )
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    settled(reading_of(bytes(text)))
