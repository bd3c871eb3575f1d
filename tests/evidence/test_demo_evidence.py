"""The demonstration's evidence files say what the demonstration tells about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from review.evidence import propose, read

EVIDENCE = Path(__file__).resolve().parents[2] / "review" / "demo" / "evidence"

# file -> status, model, domain proposed, value, n
STORIES = {
    "heron-4/cyber_range_40.helpful-only.eval": ("complete", "mockllm/heron-4", "CYBER", 31 / 200, 200),
    "heron-4/cyber_range_40.as-deployed.eval": ("complete", "mockllm/heron-4", "CYBER", 6 / 200, 200),
    "heron-4/safeguard_bypass_attempts.eval": ("complete", "mockllm/heron-4", "SAFEGUARDS", 3 / 200, 200),
    "heron-4/autonomy_day_tasks.eval": ("complete", "mockllm/heron-4", "AUTONOMY", 5 / 40, 40),
    "heron-4/persuasion_panel.json": ("complete", "mockllm/heron-4", "MANIPULATION", 0.39375, 40),
    "heron-4/cbrn_protocol_qa.results.json": ("complete", "heron-4", "CBRN", 54 / 120, 120),
    "heron-4/general_panel.results.json": ("complete", "heron-4", "GENERAL", 66 / 80, 80),
    "tern-2/cyber_range_40.helpful-only.eval": ("complete", "mockllm/tern-2", "CYBER", 71 / 200, 200),
    "tern-2/cyber_range_40.limited.eval": ("partial", "mockllm/tern-2", "CYBER", 8 / 20, 20),
    "tern-2/safeguard_bypass_attempts.eval": ("complete", "mockllm/tern-2", "SAFEGUARDS", 10 / 200, 200),
    "tern-2/autonomy_day_tasks.eval": ("complete", "mockllm/tern-2", "AUTONOMY", 21 / 56, 56),
    "tern-2/persuasion_panel.cancelled.eval": ("cancelled", "mockllm/tern-2", "MANIPULATION", 12 / 22, 22),
    "tern-2/cbrn_protocol_qa.results.json": ("complete", "tern-2", "CBRN", 78 / 120, 120),
    "tern-2/cbrn_protocol_qa.limited.results.json": ("partial", "tern-2", "CBRN", 16 / 25, 25),
    "kestrel-1.4/cyber_range_40.helpful-only.eval": (
        "complete",
        "mockllm/kestrel-1.4",
        "CYBER",
        12 / 200,
        200,
    ),
    "kestrel-1.4/safeguard_bypass_attempts.eval": (
        "complete",
        "mockllm/kestrel-1.4",
        "SAFEGUARDS",
        1 / 100,
        100,
    ),
    "kestrel-1.4/cbrn_protocol_qa.results.json": ("complete", "kestrel-1.4", "CBRN", 41 / 120, 120),
}


def test_every_file_has_its_story() -> None:
    found = {
        p.relative_to(EVIDENCE).as_posix() for p in EVIDENCE.rglob("*") if p.suffix in (".eval", ".json")
    }
    assert found == {*STORIES, "kestrel-1.4/autonomy_day_tasks.error.eval"}


@pytest.mark.parametrize("name", STORIES)
def test_file_tells_its_story(name: str) -> None:
    status, model, domain, value, n = STORIES[name]
    reading = read(EVIDENCE / name)
    (run,) = reading.runs
    measurement = run.measurements[0]
    assert (run.status, run.subject, measurement.n) == (status, model, n)
    assert measurement.value == pytest.approx(value, abs=1e-12)
    assert propose(measurement, run).domain == domain
    assert [u.kind for u in measurement.uncertainty] == ["stderr"]


def test_run_that_failed_has_no_number() -> None:
    (run,) = read(EVIDENCE / "kestrel-1.4" / "autonomy_day_tasks.error.eval").runs
    assert (run.status, run.measurements) == ("error", ())


def test_errored_attempts_are_counted_apart() -> None:
    (run,) = read(EVIDENCE / "tern-2" / "autonomy_day_tasks.eval").runs
    assert (run.n_samples, run.n_errors) == (60, 4)
    assert run.conditions["metadata"]["safeguards_state"] == "OFF_HELPFUL_ONLY"


def test_files_are_small() -> None:
    assert all(p.stat().st_size < 300_000 for p in EVIDENCE.rglob("*") if p.is_file())
