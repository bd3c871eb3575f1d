"""Draw every component with example data, for looking: `python tests/printing/gallery.py gallery`.

With `--pictures` each page is also photographed at 1280 and 400 px. The cases are fictional.
"""

from __future__ import annotations

import shutil
import sys
from datetime import date
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader

from review.printing.charts.clock_bar import ClockFacts, ClockMilestone, ClockSpan, clock_bar, clock_rows
from review.printing.charts.interval_chart import interval_chart
from review.printing.charts.life_line import LifePoint, life_line
from review.printing.charts.measures import (
    IntervalChart,
    IntervalRow,
    Suite,
    Threshold,
    interval_heads,
    interval_rows,
    interval_sentences,
)
from review.printing.environment import make_environment

ROOT = Path(__file__).resolve().parents[2]
PAGES = Path(__file__).with_name("gallery_pages")


def tern(as_of: date = date(2026, 3, 25)) -> ClockFacts:
    """Tern 2 API: nine days held, day 14 of 30."""
    return ClockFacts(
        received=date(2026, 3, 2),
        goal=date(2026, 4, 10),
        as_of=as_of,
        spans=(
            ClockSpan(kind="run", start=date(2026, 3, 2), end=date(2026, 3, 10)),
            ClockSpan(kind="held", start=date(2026, 3, 10), end=date(2026, 3, 19)),
            ClockSpan(kind="run", start=date(2026, 3, 19), end=as_of),
        ),
        milestones=(
            ClockMilestone(on=date(2026, 3, 5), label="Kick-off", state="done"),
            ClockMilestone(on=date(2026, 3, 10), label="Questions out", state="done"),
            ClockMilestone(on=date(2026, 3, 26), label="Mid-cycle", state="next"),
            ClockMilestone(on=date(2026, 3, 31), label="Reviews signed", state="to_come"),
            ClockMilestone(on=date(2026, 4, 3), label="Memo", state="to_come"),
            ClockMilestone(on=date(2026, 4, 5), label="Notice, if any", state="to_come"),
            ClockMilestone(on=date(2026, 4, 10), label="Decision", state="to_come"),
        ),
    )


def late() -> ClockFacts:
    """A review that ran three days over its goal."""
    return ClockFacts(
        received=date(2026, 3, 2),
        goal=date(2026, 4, 10),
        as_of=date(2026, 4, 13),
        spans=(
            ClockSpan(kind="run", start=date(2026, 3, 2), end=date(2026, 3, 10)),
            ClockSpan(kind="held", start=date(2026, 3, 10), end=date(2026, 3, 19)),
            ClockSpan(kind="run", start=date(2026, 3, 19), end=date(2026, 4, 10)),
            ClockSpan(kind="late", start=date(2026, 4, 10), end=date(2026, 4, 13)),
        ),
        milestones=(ClockMilestone(on=date(2026, 4, 10), label="Decision", state="next"),),
    )


def decided() -> ClockFacts:
    """Heron 4-Trusted, decided on its goal: the cover of the dossier."""
    return ClockFacts(
        received=date(2026, 2, 9),
        goal=date(2026, 3, 18),
        as_of=date(2026, 3, 18),
        spans=(
            ClockSpan(kind="run", start=date(2026, 2, 9), end=date(2026, 3, 6)),
            ClockSpan(kind="held", start=date(2026, 3, 6), end=date(2026, 3, 13)),
            ClockSpan(kind="run", start=date(2026, 3, 13), end=date(2026, 3, 18)),
        ),
        flag="Decided, day 30",
        show_goal_words=False,
    )


def cyber() -> IntervalChart:
    """Two suites with their lines, a comparator, and a value without interval."""
    return IntervalChart(
        axis_title="Proportion of attempts that succeeded (95% interval)",
        suites=(
            Suite(
                title="VulnHunt 2.1, find and prove a flaw",
                threshold=Threshold(label="tier 3 line", value="0.40", named="before"),
                rows=(
                    IntervalRow(
                        item="EV-07",
                        label="elicited, safeguards off",
                        mark="elicited",
                        value="0.355",
                        low="0.292",
                        high="0.423",
                    ),
                    IntervalRow(
                        item="EV-08",
                        label="residual, under attack",
                        mark="residual",
                        value="0.045",
                        low="0.024",
                        high="0.083",
                    ),
                    IntervalRow(
                        item="EV-14",
                        label="open-weight comparator",
                        mark="comparator",
                        value="0.090",
                        low="0.058",
                        high="0.138",
                    ),
                ),
            ),
            Suite(
                title="CyberRange 40, end-to-end operation",
                threshold=Threshold(label="tier 3 line", value="0.25", named="after"),
                rows=(
                    IntervalRow(
                        item="EV-09",
                        label="elicited, safeguards off",
                        mark="elicited",
                        value="0.310",
                        low="0.24999",
                        high="0.377",
                    ),
                    IntervalRow(
                        item="EV-10",
                        label="residual, under attack",
                        mark="residual",
                        value="0",
                        low="0",
                        high="0.088",
                    ),
                    IntervalRow(item="EV-12", label="pilot run", mark="residual", value="0.1"),
                ),
            ),
        ),
    )


def overview() -> IntervalChart:
    """A small panel: counts and grades at the right."""
    return IntervalChart(
        axis_title="Share of attempts",
        suites=(
            Suite(
                title="RangeNet 3",
                threshold=Threshold(label="tier 3 line", value="0.25", named="before"),
                rows=(
                    IntervalRow(
                        item="EV-01",
                        label="",
                        mark="elicited",
                        value="0.31",
                        low="0.250",
                        high="0.377",
                        shown="62 of 200",
                        grade="E1",
                    ),
                    IntervalRow(
                        item="EV-02",
                        label="",
                        mark="residual",
                        value="0.02",
                        low="0.008",
                        high="0.05",
                        shown="4 of 200",
                        grade="E2",
                    ),
                    IntervalRow(
                        item="EV-03",
                        label="",
                        mark="comparator",
                        value="0.09",
                        low="0.058",
                        high="0.138",
                        shown="18 of 200",
                        grade="E4",
                    ),
                ),
            ),
            Suite(
                title="Cyber knowledge 4.0",
                rows=(
                    IntervalRow(
                        item="EV-06",
                        label="",
                        mark="elicited",
                        value="0.862",
                        low="0.829",
                        high="0.889",
                        shown="431 of 500",
                        grade="E3",
                    ),
                ),
            ),
        ),
    )


def hours() -> IntervalChart:
    """A scale of equal factors, one bound open upward."""
    return IntervalChart(
        axis_title="Expert hours to first bypass",
        scale="factor",
        suites=(
            Suite(
                title="Bypass effort",
                threshold=Threshold(label="line", value="40", named="before", sense="at_least"),
                rows=(
                    IntervalRow(
                        item="EV-30",
                        label="",
                        mark="residual",
                        value="320",
                        low="320",
                        shown="none in 320",
                        grade="E1",
                    ),
                    IntervalRow(
                        item="EV-31",
                        label="",
                        mark="residual",
                        value="96",
                        low="60",
                        high="150",
                        shown="96, n 5",
                        grade="E2",
                    ),
                ),
            ),
        ),
    )


def render(target: Path) -> list[Path]:
    """Write every page of the gallery into `target`, with the style sheets beside them."""
    target.mkdir(parents=True, exist_ok=True)
    static = target / "static"
    if not static.exists():
        static.symlink_to(ROOT / "static")
    environment = make_environment(ROOT / "templates", asset_root="static")
    environment.loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), FileSystemLoader(PAGES)])
    facts = {"tern": tern(), "near": tern(date(2026, 4, 8)), "late": late(), "decided": decided()}
    written = []
    for page in sorted(PAGES.glob("[!_]*.html")):
        html = environment.get_template(page.name).render(
            site={
                "name": "Model Review",
                "agency": "Office of Model Review",
                "demonstration": True,
                "policy": "2026-1",
                "zone_words": "All times are Eastern (EDT).",
            },
            person={"name": "Ines Okafor", "role_line": "Reviewer: Cyber, Safeguards"},
            places=[
                {"label": label, "href": "#", "current": label == "Cases"}
                for label in ("Desk", "Cases", "Register", "Guidance")
            ],
            title="Gallery",
            csrf="token",
            facts_of=facts,
            clock_bar=clock_bar,
            clock_rows=clock_rows,
            interval_chart=interval_chart,
            interval_sentences=interval_sentences,
            interval_rows=interval_rows,
            interval_heads=interval_heads,
            cyber=cyber(),
            overview=overview(),
            hours=hours(),
            life=life_line(
                [
                    LifePoint(on=date(2026, 3, 18), label="decided", reached=True),
                    LifePoint(on=date(2026, 4, 6), label="condition 2 starts", reached=False),
                    LifePoint(on=date(2026, 9, 18), label="ends by itself", reached=False),
                ],
                "life",
            ),
            digest="4b7e90c21f6ad8350e9b72c4a81d3f56c0d96e27b14f8a0395ec2d70fb68417a",
            as_of=date(2026, 3, 25),
        )
        written.append(target / page.name)
        written[-1].write_text(html)
    return written


def photograph(pages: list[Path], widths: tuple[int, ...] = (1280, 400)) -> None:
    """One picture per page and width, beside the page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--no-first-run"],
        )
        for width in widths:
            view = browser.new_page(viewport={"width": width, "height": 800})
            for page in pages:
                view.goto(page.as_uri())
                wide = view.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    print(f"{page.name} at {width}: scrolls sideways, {wide} wide")
                view.screenshot(path=page.with_name(f"{page.stem}-{width}.png"), full_page=True)
        browser.close()


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "gallery")
    drawn = render(folder)
    wanted = [page for page in drawn if len(sys.argv) < 4 or page.stem in sys.argv[3:]]
    if "--pictures" in sys.argv:
        photograph(wanted)
