"""The written word keeps up with the code: what exists is mentioned, what is mentioned exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from review.cli import main
from review.rules.workflow import TABLE
from review.settings import PERSONAS, Settings

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = (README, *sorted((ROOT / "docs").rglob("*.md")))
TEXTS = {page: page.read_text("utf-8") for page in PAGES}
BOTH = TEXTS[README] + TEXTS[ARCHITECTURE]
ROOMS = sorted(
    path.stem
    for path in (ROOT / "review").iterdir()
    if path.stem not in {"__init__", "__main__", "__pycache__"} and (path.is_dir() or path.suffix == ".py")
)
NOTHING_HOLDS = ("seamless", "cutting-edge", "world-class", "blazing", "state-of-the-art", "next-generation",
                 "enterprise-grade", "best-in-class", "revolution", "game-chang", "effortless", "leverag",
                 "supercharge", "unlock the", "bank-grade", "military-grade", "industry-leading")  # fmt: skip
MACHINE = re.compile(r"(?<![\w.])/(?:work|home|root|Users|tmp|mnt|workspace)/")


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join(("review", *path, name)), command


def spans(text: str) -> Iterator[str]:
    """Code as readers would copy it: spans between backticks, and lines of shell blocks."""
    fenced = re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL)
    for language, block in fenced:
        if language == "sh":
            yield from block.replace("\\\n", " ").splitlines()
    yield from re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("setting", Settings.__struct_fields__)
def test_every_setting_is_explained(setting: str) -> None:
    assert f"`REVIEW_{setting.upper()}`" in TEXTS[README]


def test_no_setting_is_explained_that_nobody_reads() -> None:
    known = {f"REVIEW_{field.upper()}" for field in Settings.__struct_fields__}
    assert set(re.findall(r"REVIEW_[A-Z_]+\b", "".join(TEXTS.values()))) <= known


@pytest.mark.parametrize("command", [name for name, _ in commands()])
def test_every_command_is_named(command: str) -> None:
    assert command in BOTH


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_on_the_map(room: str) -> None:
    drawn = "".join(re.findall(r"```text\n(.*?)```", TEXTS[ARCHITECTURE], re.DOTALL))
    assert re.search(rf"^  {room}(?:/|\.py)\s", drawn, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_in_the_text_exist_with_their_options(page: Path) -> None:
    known = dict(commands())
    for span in spans(TEXTS[page]):
        words = shlex.split(span.removeprefix(".venv/bin/"), comments=True) if span.strip() else []
        if words[:1] != ["review"] or len(words) < 2:
            continue
        command = known.get(" ".join(words[:2])) or known.get(" ".join(words[:3]))
        if command is None:
            # A list such as `review db init|upgrade` names several at once.
            choices = (
                [f"review {words[1]} {name}" for name in words[2].split("|")] if len(words) > 2 else [span]
            )
            assert set(choices) <= set(known), f"{named(page)}: there is no command `{span}`"
            continue
        options = {option for parameter in command.params for option in parameter.opts}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= options | {"--help"}, f"{named(page)}: `{span}`"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_targets_of_make_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for span in spans(TEXTS[page]):
        words = [word for word in span.partition("#")[0].split() if "=" not in word]
        assert words[:1] != ["make"] or set(words[1:]) <= targets, f"{named(page)}: `{span}`"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_in_the_text_exist(page: Path) -> None:
    for span in spans(TEXTS[page]):
        if re.fullmatch(r"(?:review|forms|templates|static|tests|bench|docs|\.ci)/[\w./-]*", span):
            assert (ROOT / span).exists() or (ROOT / f"{span}.py").exists(), f"{named(page)}: `{span}`"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_rows_in_the_text_are_in_the_table(page: Path) -> None:
    rows = set(re.findall(r"\b[TKH]\d\d[a-z]?\b", TEXTS[page]))
    assert rows <= {row.id for row in TABLE}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"!?\[[^\]]*\]\(([^)\s]+)\)", TEXTS[page]):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), f"{named(page)}: {target}"
        assert place.is_relative_to(ROOT), f"{named(page)}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", place.read_text("utf-8"), re.MULTILINE)
            assert anchor in {
                re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings
            }


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_the_text_speaks_of_this_project_plainly(page: Path) -> None:
    text = TEXTS[page]
    assert not MACHINE.search(text), "a path of some machine"
    found = [word for word in NOTHING_HOLDS if word in text.lower()]
    assert not found, found


def test_everybody_in_the_walk_can_sign_in() -> None:
    walk = TEXTS[README].partition("## The walk")[2].partition("\n## ")[0]
    named_in_bold = set(re.findall(r"^\d+\. \*\*(.+?)\*\*", walk, re.MULTILINE))
    assert named_in_bold
    assert named_in_bold <= {persona.name for persona in PERSONAS}


def test_the_front_page_can_be_read_in_one_sitting() -> None:
    assert len(TEXTS[README].splitlines()) < 250
