"""What a dossier costs beside WeasyPrint alone: gathering, writing and printing against printing the same HTML.

Run ``python -m bench.dossier``. Both run in a child of their own; figures are CPU seconds of that child and of its
children, best of three, alternating. WeasyPrint alone gets the same HTML, tags and fonts, and nothing of ours.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from review.acts.office import Office
from review.dossier.building import compose
from review.rules.vocabulary import Audience, Outcome
from review.settings import Settings, asset_root
from tests.builders import found_world

BAR = 1.25
ROUNDS = 3
OURS = """
import sys
from pathlib import Path
from review import dossier
from review.acts.office import Office
from review.rules.vocabulary import Audience
from review.settings import Settings
office = Office(Settings(data=Path(sys.argv[1]), demonstration=True))
print(dossier.build(office, sys.argv[2], Audience.INTERNAL_FULL).pages)
"""
ALONE = """
import sys
from pathlib import Path
from weasyprint import HTML
page = HTML(string=Path(sys.argv[1]).read_text("utf-8"), base_url=sys.argv[2])
document = page.render(pdf_variant="pdf/ua-1")
document.write_pdf(pdf_variant="pdf/ua-1")
print(len(document.pages))
"""


class Cost(NamedTuple):
    """One child: CPU seconds with its children, wall seconds, pages."""

    cpu: float
    wall: float
    pages: int


def main() -> int:
    """Print the table; 1 when the bar is missed."""
    with tempfile.TemporaryDirectory(prefix="bench-dossier-") as folder:
        data = Path(folder) / "data"
        world = found_world(data)
        case_id = world.decided(Outcome.RESTRICT, "heron-4").case_id
        world.office.database.close()
        html = Path(folder) / "dossier.html"
        office = Office(Settings(data=data, demonstration=True))
        html.write_text(_for_alone(compose(office, case_id, Audience.INTERNAL_FULL).order.html), "utf-8")
        office.database.close()
        ours, alone = [], []
        for _ in range(ROUNDS):
            ours.append(_cost(OURS, str(data), case_id))
            alone.append(_cost(ALONE, str(html), (asset_root() / "static").as_uri() + "/"))
    best_ours, best_alone = min(ours), min(alone)
    ratio = best_ours.cpu / best_alone.cpu
    report = {
        "pages": best_ours.pages,
        "dossier_cpu_s": round(best_ours.cpu, 2),
        "dossier_wall_s": round(best_ours.wall, 2),
        "weasyprint_alone_cpu_s": round(best_alone.cpu, 2),
        "weasyprint_alone_pages": best_alone.pages,
        "ratio": round(ratio, 3),
        "bar": BAR,
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0 if ratio <= BAR else 1


def _for_alone(html: str) -> str:
    """The same document with the style sheet inside and files by their usual names."""
    style = (asset_root() / "static" / "css" / "paper.css").read_text("utf-8").replace("asset:/", "")
    link = '<link rel="stylesheet" href="asset:/css/paper.css">'
    if link not in html:
        raise RuntimeError("The document no longer links its style sheet as this bench knows it.")
    return html.replace(link, f"<style>{style}</style>")


def _cost(program: str, *arguments: str) -> Cost:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    command = [sys.executable, "-c", program, *arguments]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, int(said.stdout.split()[-1]))


if __name__ == "__main__":
    sys.exit(main())
