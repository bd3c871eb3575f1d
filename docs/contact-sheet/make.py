"""Takes every page of the demonstration docket, wide and narrow, and the pages of a dossier, as small pictures.

    python docs/contact-sheet/make.py [DATA]

DATA is a demonstration docket; one is built if none is named. Needs Debian's chromium and poppler-utils. Writes the
pictures beside this file and `docs/contact-sheet.md` above it.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import create_engine, text

HERE = Path(__file__).resolve().parent
INDEX = HERE.parent / "contact-sheet.md"
WIDE, NARROW = 1280, 400
SCALE = {WIDE: 0.44, NARROW: 0.4}
MOST_PIXELS_DOWN = 1800
"""How much of a long page is shown."""
DOSSIER_OF = "FMR-2026-0001"

# What each persona looks at: a name for the files, what the page is for, its address. {0004} is the case of that number.
PAGES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "": (
        ("register-front", "The public's first page", "/"),
        ("register-list", "Every decision, to be searched", "/register"),
        ("register-decision", "One decision: what was decided, under which conditions", "/register/{0001}"),
        ("guidance", "How days are counted", "/guidance/days"),
        ("sign-in", "One click for each persona", "/sign-in"),
    ),
    "Milan Horak": (
        ("lab-desk", "What the lab owes, by when", "/desk"),
        ("lab-filings", "All filings of the lab", "/filings"),
        ("lab-filing", "The prepared filing: five forms", "/cases/{draft}/filing"),
        ("lab-track", "A section with repeated rows and conditional questions", "/cases/{draft}/filing/cover_sheet/track"),
        ("lab-training", "The densest section", "/cases/{draft}/filing/capability_disclosure/B"),
        ("lab-feasibility", "Which condition is feasible on which channel", "/cases/{draft}/filing/deployment_plan/P5"),
        ("lab-evidence", "Evidence of a draft", "/cases/{draft}/filing/evidence"),
        ("lab-submit", "Read before signing", "/cases/{draft}/filing/submit"),
        ("lab-questions", "Answer an information request", "/cases/{0006}/questions"),
        ("lab-now", "A case of one's own, held for the lab", "/cases/{0006}"),
        ("lab-account", "One's own account and sessions", "/account"),
    ),
    "Jonas Brandt": (
        ("lab-decision", "A restriction, its conditions and the answered points", "/cases/{0001}/decision"),
        ("lab-record", "What the lab may see of the record", "/cases/{0001}/record"),
    ),
    "Amara Diallo": (
        ("dockets-desk", "The docket manager's desk", "/desk"),
        ("dockets-team", "Who works on a case", "/cases/{0010}/team"),
        ("dockets-labs", "Labs to be verified", "/labs"),
    ),
    "Peter Lindgren": (
        ("intake-desk", "The intake officer's desk", "/desk"),
        ("intake-screening", "The acceptance checklist", "/cases/{0009}/screening"),
    ),
    "Ines Okafor": (
        ("review-desk", "A reviewer's desk", "/desk"),
        ("review-now", "A case in review: steps, clocks, whose turn", "/cases/{0008}/now"),
        ("review-filing", "What was filed, gaps first", "/cases/{0008}/filing"),
        ("review-evidence", "Measurements with intervals, and where each number stands", "/cases/{0008}/evidence/EV-01"),
        ("review-grid", "The disciplines", "/cases/{0008}/review"),
        ("review-finding", "Write a finding beside its evidence", "/cases/{0008}/review/CYBER"),
    ),
    "Lena Haas": (("review-declare", "Declare conflicts before the case opens", "/cases/{0008}/declare"),),
    "Daniel Reyes": (
        ("lead-desk", "The lead's desk", "/desk"),
        ("lead-cases", "All cases", "/cases"),
        ("lead-memo", "Weigh and recommend", "/cases/{0007}/decision/memo"),
        ("lead-questions", "Ask the lab", "/cases/{0006}/questions"),
        ("lead-notice", "Draft a notice: conditions, options, reasons", "/cases/{0004}/decision/notice"),
    ),
    "Tomás Vega": (
        ("counsel-desk", "Counsel's desk", "/desk"),
        ("counsel-reads", "The whole text, and what changed", "/cases/{0004}/decision/concurrence"),
        ("counsel-signs", "Sign as legally sufficient", "/cases/{0004}/decision/concurrence/sign"),
    ),
    "Ruth Adeyemi": (
        ("official-desk", "The deciding official's desk", "/desk"),
        ("official-decision", "A decision ready to be signed", "/cases/{0005}/decision"),
        ("official-signs", "Sign it", "/cases/{0005}/decision/sign"),
        ("official-restricted", "A case that is decided", "/cases/{0001}/now"),
        ("official-record", "Everything that happened", "/cases/{0001}/record"),
    ),
    "Grace Mbeki": (("ratifier-desk", "The ratifier's desk, empty", "/desk"),),
    "Helen Whitlock": (
        ("auditor-desk", "The auditor's desk", "/desk"),
        ("auditor-ledger", "Every entry", "/ledger"),
        ("auditor-entry", "One entry with its difference and its proof", "/ledger/300"),
        ("auditor-dossier", "Ask for a dossier", "/cases/{0001}/dossier"),
    ),
    "Kofi Mensah": (("people", "People and roles", "/people"),),
}  # fmt: skip
EDITIONS = {
    "internal-full": "Everything in the record of the case",
    "lab": "The same case as its lab may read it",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(sys.argv[1]) if len(sys.argv) > 1 else _build(Path(temporary))
        for old in HERE.glob("*.png"):
            old.unlink()
        with _served(data) as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            for width in (WIDE, NARROW):
                _take_all(browser, site, _cases(data), width)
            browser.close()
        dossiers = {edition: _print(data, edition, Path(temporary)) for edition in EDITIONS}
    INDEX.write_text(_index(dossiers), "utf-8")
    total = sum(path.stat().st_size for path in HERE.glob("*.png"))
    print(f"{len(list(HERE.glob('*.png')))} pictures, {total / 1e6:.1f} MB")


def _review(*words: str) -> list[str]:
    return [sys.executable, "-m", "review.cli", *words]


def _build(folder: Path) -> Path:
    subprocess.run(_review("demo", "--quiet", "--data", str(folder / "data")), check=True)
    return folder / "data"


@contextmanager
def _served(data: Path) -> Iterator[str]:
    """The docket on a free port; stopped by its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("REVIEW_")}
    command = _review("serve", "--data", str(data), "--port", str(port))
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
                break
            except (URLError, OSError):
                time.sleep(0.2)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _cases(data: Path) -> dict[str, str]:
    """Case ids by the last four digits of the docket number; the newest draft as `draft`."""
    engine = create_engine(f"sqlite:///{data / 'review.sqlite'}")
    with engine.connect() as conn:
        rows = conn.execute(text("SELECT number, id FROM cases ORDER BY opened_at")).all()
    engine.dispose()
    return {(number or "draft")[-5:].lstrip("-"): id for number, id in rows}


def _take_all(browser: Browser, site: str, cases: dict[str, str], width: int) -> None:
    for persona, pages in PAGES.items():
        window = browser.new_context(
            viewport={"width": width, "height": 900},
            device_scale_factor=SCALE[width],
            reduced_motion="reduce",
        )
        page = window.new_page()
        if persona:
            page.goto(f"{site}/sign-in")
            with page.expect_navigation():
                page.get_by_role("button", name=persona, exact=True).click()
        for name, _, address in pages:
            for key, id in cases.items():
                address = address.replace(f"{{{key}}}", id)
            answer = page.goto(site + address)
            assert answer is not None and answer.ok, (
                f"{persona} gets {answer and answer.status} for {address}"
            )
            _take(page, HERE / f"{name}-{width}.png", width)
        window.close()


def _take(page: Page, path: Path, width: int) -> None:
    """The page from its top; a page that scrolls sideways is a mistake and stops here."""
    tall = int(page.evaluate("document.documentElement.scrollHeight"))
    across = int(page.evaluate("document.documentElement.scrollWidth"))
    assert across <= width, f"{page.url} is {across} pixels wide on a screen of {width}"
    page.set_viewport_size(
        {"width": width, "height": min(tall, MOST_PIXELS_DOWN)}
    )  # what sticks lies at the end
    page.screenshot(path=path, animations="disabled")
    page.set_viewport_size({"width": width, "height": 900})


def _print(data: Path, edition: str, folder: Path) -> list[str]:
    """The pages of one edition at 36 dots an inch; returns the file names."""
    pdf = folder / f"{edition}.pdf"
    command = _review(
        "dossier", "build", DOSSIER_OF, "--edition", edition, "--out", str(pdf), "--data", str(data)
    )
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["pdftoppm", "-r", "36", "-png", str(pdf), str(HERE / f"dossier-{edition}")], check=True)
    return sorted(path.name for path in HERE.glob(f"dossier-{edition}-*.png"))


def _index(dossiers: dict[str, list[str]]) -> str:
    """The page that shows the pictures beside their purpose."""
    lines = [
        "# Contact sheet",
        "",
        "Every page of the demonstration docket, at 1280 and at 400 pixels, and a dossier in both editions. Long pages",
        "are cut. `python docs/contact-sheet/make.py` takes the pictures anew.",
        "",
    ]
    for persona, pages in PAGES.items():
        lines += [f"## {persona or 'The public'}", "", "| Page | 1280 | 400 |", "| --- | --- | --- |"]
        for name, purpose, _ in pages:
            wide, narrow = (f"contact-sheet/{name}-{width}.png" for width in (WIDE, NARROW))
            lines.append(
                f'| {purpose} | <img src="{wide}" width="480" alt="{purpose}, wide"> '
                f'| <img src="{narrow}" width="160" alt="{purpose}, narrow"> |'
            )
        lines.append("")
    for edition, names in dossiers.items():
        lines += [f"## Dossier, {edition.replace('-', ' ')} edition", "", f"{EDITIONS[edition]}.", ""]
        lines += [
            f'<img src="contact-sheet/{name}" width="200" alt="Page {page} of the dossier">'
            for page, name in enumerate(names, start=1)
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    main()
