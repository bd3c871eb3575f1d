"""Every component renders with example data, and what it writes fits a strict content policy."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from review.printing.environment import make_environment, maybe
from review.printing.links import Assets, link
from tests.printing import gallery

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Name and markup of each page of the gallery."""
    return {page.name: page.read_text() for page in gallery.render(tmp_path_factory.mktemp("gallery"))}


def test_every_component_of_ours_stands_in_the_gallery() -> None:
    shown = "".join(page.read_text() for page in gallery.PAGES.glob("*.html"))
    others = {"answers.html", "fields.html", "icon.html", "grade.html", "digest.html"}
    ours = {path.name for path in (ROOT / "templates" / "components").glob("*.html")} - others
    documented = (ROOT / "templates" / "components" / "README.md").read_text()
    missing = {
        name for name in ours if f"components/{name}" not in shown and f"| {name[:-5]} |" in documented
    }
    assert not missing


def test_no_page_carries_inline_style_or_script(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", html), name
        assert all("src=" in script for script in re.findall(r"<script[^>]*>", html)), name


def test_ids_are_unique_and_references_lead_somewhere(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        ids = Counter(re.findall(r'\sid="([^"]+)"', html))
        assert not [each for each, times in ids.items() if times > 1], name
        for reference in re.findall(r'aria-(?:labelledby|describedby|controls)="([^"]+)"', html):
            assert set(reference.split()) <= set(ids), (name, reference)


def test_each_page_has_one_first_heading_and_skips_no_level(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
        assert levels.count(1) == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels)), (
            name,
            levels,
        )


def test_a_signed_out_page_offers_sign_in_and_no_form_to_sign_out() -> None:
    environment = make_environment(ROOT / "templates")
    site = {"name": "Model Review", "agency": "Office of Model Review", "demonstration": False}
    html = environment.get_template("base.html").render(
        site=site, person=None, places=[], title="Register", csrf=None
    )
    assert "Sign in" in html
    assert "Sign out" not in html
    assert "Demonstration" not in html


def test_a_name_that_a_template_does_not_get_is_an_error() -> None:
    environment = make_environment(ROOT / "templates")
    with pytest.raises(UndefinedError):
        environment.from_string("{{ unknown }}").render()


def test_compiled_templates_are_kept_where_we_are_told(tmp_path: Path) -> None:
    make_environment(ROOT / "templates", cache_dir=tmp_path).get_template("components/tag.html")
    assert list(tmp_path.iterdir())


def test_a_field_that_may_be_left_out_is_read_from_mappings_and_objects() -> None:
    assert maybe({"a": 1}, "a") == 1
    assert maybe({}, "a", "otherwise") == "otherwise"
    assert maybe(ROOT, "name") == ROOT.name
    assert maybe(ROOT, "nothing") is None


def test_our_files_carry_a_version_and_the_vendors_do_not() -> None:
    assets = Assets(root="/static/", version="7c05")
    assert assets.address("css/review.css") == "/static/css/review.css?v=7c05"
    assert assets.address("vendor/uswds/css/uswds.min.css") == "/static/vendor/uswds/css/uswds.min.css"


def test_a_link_with_nowhere_to_go_is_words() -> None:
    assert link("Read <it>", None) == "<span>Read &lt;it&gt;</span>"
    assert link("Read", "/a?b=1&c=2") == '<a class="usa-link" href="/a?b=1&amp;c=2">Read</a>'
