"""The rules are pure: they import nothing that reaches the world, and nobody tells them the time but their caller."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RULES = sorted((ROOT / "review" / "rules").rglob("*.py"))
ALLOWED = {"msgspec", "holidays", "yaml"}
"""What the rules may use besides Python's own library: values, public holidays, instrument files."""

WORLDLY = {
    "os",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
    "random",
    "secrets",
    "uuid",
    "urllib",
    "http",
}
"""Parts of Python's own library that know the machine, the moment or chance."""

TELLS_THE_TIME = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
    ("time", "monotonic"),
}


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that a file imports, at its top or anywhere inside."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


def calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Every `something.name` that is called, by the last two words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            last = (
                owner.attr
                if isinstance(owner, ast.Attribute)
                else owner.id
                if isinstance(owner, ast.Name)
                else ""
            )
            yield last, node.func.attr


def test_there_are_rules_to_look_at() -> None:
    assert len(RULES) > 15


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_rules_import_the_standard_library_three_packages_and_themselves(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for module in imported(tree):
        top = module.partition(".")[0]
        own = module == "review.rules" or module.startswith("review.rules.")
        assert own or top in ALLOWED or top in sys.stdlib_module_names, module
        assert top not in WORLDLY, module


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_rules_never_ask_what_time_it_is(path: Path) -> None:
    found = set(calls(ast.parse(path.read_text(encoding="utf-8"))))
    assert not found & TELLS_THE_TIME


def test_the_check_would_see_an_impure_rule() -> None:
    tree = ast.parse("def f():\n    import sqlalchemy\n    return datetime.datetime.now(), date.today()")
    assert "sqlalchemy" in set(imported(tree))
    assert {("datetime", "now"), ("date", "today")} <= set(calls(tree))
