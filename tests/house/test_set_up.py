"""What `make run` fetches is pinned, hashed, taken from no named registry, and laid where pages look for it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock", ".ci/uv.lock", ".ci/node.lock"]
PIN = re.compile(r"^([a-z0-9-]+)==\S+", re.MULTILINE)


def _name(requirement: str) -> str:
    """The normalized name of a requirement such as `psycopg[binary]>=3` (PEP 503)."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def _pins(lock: str) -> dict[str, str]:
    """Each pinned package of a lock file with the text that belongs to it."""
    text = (HOUSE / lock).read_text("utf-8")
    starts = [match.start() for match in PIN.finditer(text)] + [len(text)]
    entries = [text[start:end] for start, end in pairwise(starts)]
    return {entry.split("==")[0]: entry for entry in entries}


@pytest.mark.parametrize("lock", [*LOCKS, "static/package-lock.json"])
def test_a_lock_file_names_no_registry(lock: str) -> None:
    assert "://" not in (HOUSE / lock).read_text("utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str) -> None:
    pins = _pins(lock)
    assert pins
    assert [name for name, entry in pins.items() if "--hash=sha256:" not in entry] == []


def test_every_front_end_package_has_a_hash() -> None:
    packages = json.loads((HOUSE / "static/package-lock.json").read_text("utf-8"))["packages"]
    assert [path for path, entry in packages.items() if path and "integrity" not in entry] == []


def test_the_locks_hold_all_that_the_project_names() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))
    run = {_name(entry) for entry in project["project"]["dependencies"]}
    tests = {_name(entry) for entry in project["dependency-groups"]["dev"]}
    assert run - _pins("requirements.lock").keys() == set()
    assert (run | tests) - _pins("requirements-dev.lock").keys() == set()


def test_running_and_testing_use_the_same_versions() -> None:
    run, tests = _pins("requirements.lock"), _pins("requirements-dev.lock")
    assert {name: entry for name, entry in run.items() if tests.get(name) != entry} == {}


def test_every_address_in_the_style_sheet_was_copied() -> None:
    sheet = HOUSE / "static/vendor/uswds/css/uswds.min.css"
    addresses = set(re.findall(r"url\([\"']?(\.\./[^)\"'?#]+)", sheet.read_text("utf-8")))
    used = {address for address in addresses if not address.endswith((".woff", ".ttf", "hero.jpg"))}
    assert used
    assert [address for address in used if not (sheet.parent / address).is_file()] == []


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with a shell's tools and Python, and with neither sudo nor apt-get nor a browser."""
    for tool in ("sh", "dirname", "cat", "id"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    (tmp_path / "python3").symlink_to(Path(sys.executable).resolve())
    return tmp_path


def test_what_may_not_be_installed_is_named_in_one_line(bare_path: Path) -> None:
    set_up = subprocess.run(
        [bare_path / "sh", HOUSE / ".ci/set-up", "test"],
        env={"PATH": str(bare_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert set_up.returncode == 1
    assert set_up.stdout == ""
    (line,) = set_up.stderr.splitlines()
    assert "chromium" in line
    assert "apt-get install" in line
