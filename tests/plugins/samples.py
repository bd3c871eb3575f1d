"""Says at the end of a run which rows of the procedure random walks fired, and how many tests were skipped because the sample folder `../shared` is absent.

A green run that skipped them has proved less than it seems to: the line is printed always, also with 0.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The sentence that a skipped test gave for being skipped."""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2])
    return str(report.longrepr or "")


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    wanting = sum("shared" in _reason(report) for report in skipped)
    presence = "present" if SHARED.is_dir() else "absent"
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "rows fired":
                terminalreporter.write_line(f"rows fired by {report.nodeid.split('::')[-1]}: {value}")
    terminalreporter.write_line(
        f"sample tests skipped for want of ../shared: {wanting} (the folder is {presence})"
    )
