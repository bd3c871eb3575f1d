"""A demonstration docket, built once and copied for each journey; the real server; Debian's Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, sync_playwright

from review.settings import Settings
from tests.journeys.visitor import Visitor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
START_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys share one docket and one browser, so one process runs them."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="Chromium is not installed: apt-get install chromium")
                )


@pytest.fixture(scope="session")
def docket(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demonstration docket; nobody writes to it."""
    from review.demo.docket import build

    folder = tmp_path_factory.mktemp("docket") / "data"
    build(Settings(data=folder), say=lambda _: None).database.close()
    return folder


@pytest.fixture
def data(docket: Path, tmp_path: Path) -> Path:
    """A copy of the docket that a journey may change."""
    return Path(shutil.copytree(docket, tmp_path / "data"))


@pytest.fixture
def site(data: Path) -> Iterator[str]:
    """The address of `review serve`, with its worker, on a free port; stopped by its process id."""
    port = _free_port()
    command = [sys.executable, "-m", "review.cli", "serve", "--data", str(data), "--port", str(port)]
    said = (data.parent / "serve.log").open("w")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("REVIEW_")}
    server = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environment)
    try:
        _wait_until_it_answers(server, port, data.parent / "serve.log")
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
        said.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < until:
        try:
            urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"The server did not start: {log.read_text('utf-8')[-2000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Visitor]]:
    """Make visitors; at the end nothing that axe, the console or the pages' ids complain of may be left."""
    made: list[Visitor] = []

    def make(*, script: bool = True, width: int = 1280) -> Visitor:
        window = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, accept_downloads=True
        )
        made.append(Visitor(window, site, script=script))
        return made[-1]

    yield make
    for visitor in made:
        visitor.page.context.close()
    found = [line for visitor in made for line in visitor.found]
    assert not found, "\n".join(found)
