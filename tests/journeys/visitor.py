"""Somebody at a browser, who finds what to press by its visible name.

Each page that the visitor passes is checked by axe; what the console complains of is kept and fails the test.
"""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Download, Locator, Page, expect

from review.settings import DEMONSTRATION_PASSWORD, PERSONAS

AXE = (Path(__file__).resolve().parents[2] / "static/vendor/axe/axe.min.js").read_text("utf-8")
PATIENCE = 30_000
"""Milliseconds for a page on a machine that does much else."""
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
RUN = """axe.run(document, {runOnly: %s, resultTypes: ["violations"]}).then(found => found.violations.map(
    one => one.id + ": " + one.help + " | " + one.nodes.slice(0, 4).map(node => node.html.slice(0, 200)).join(" | ")))"""
TWICE = "[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, n, all) => all.indexOf(id) < n)"
FOCUS = """(() => {
    if (document.activeElement === document.body) return ["", true];  // past the end of the page
    const at = document.activeElement, style = getComputedStyle(at), label = at.labels?.[0] ?? at;
    const near = at.matches("input[type=radio], input[type=checkbox]") && label ? getComputedStyle(label, "::before") : style;
    const drawn = (one) => (one.outlineStyle !== "none" && parseFloat(one.outlineWidth) > 0) || one.boxShadow !== "none";
    return [(at.getAttribute("aria-label") ?? at.innerText ?? "").trim(), drawn(style) || drawn(near)];
})()"""
USER_ID = {persona.name: persona.user_id for persona in PERSONAS}


class Visitor:
    """One browser window. `who` is the persona that is signed in."""

    def __init__(self, context: BrowserContext, site: str, *, script: bool = True) -> None:
        self.site = site
        self.script = script
        self.who = ""
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self._scripts = context.new_cdp_session(self.page)
        self._seen: set[str] = set()
        self.passed: list[str] = []
        self.found: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        self.expected_status: set[int] = set()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        refused = re.search(r"status of (\d+)", message.text)
        if refused and int(refused.group(1)) in self.expected_status:
            return
        self.found.append(f"console on {self.page.url}: {message.text}")

    # Looking ------------------------------------------------------------------------------------

    @property
    def within(self) -> Locator:
        """The dialog if one is open, else the whole page."""
        dialog = self.page.locator("dialog[open]")
        return dialog if dialog.count() else self.page.locator("body")

    @property
    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def sees(self, *words: str) -> "Visitor":
        """The words stand on the page, visible or folded."""
        for one in words:
            expect(self.page.locator("body")).to_contain_text(one, timeout=PATIENCE)
        return self

    def look(self) -> "Visitor":
        """Check the page as it stands, once for each page that differs."""
        self.page.wait_for_load_state("load")
        body = self._evaluate(
            "document.title + document.body.innerText + !!document.querySelector('dialog[open]')"
        )
        if body in self._seen:
            return self
        self._seen.add(body)
        self.passed.append(self.page.url.removeprefix(self.site))
        self.found += [
            f"two elements with the id {one} on {self.passed[-1]}" for one in self._evaluate(TWICE)
        ]
        if not self.script:  # axe waits for timers, which stand still in a window without script
            return self
        if not self._evaluate("typeof axe === 'object'"):
            self._evaluate(f"{AXE}; true")
        self.found += [f"axe on {self.passed[-1]} ({self.who}): {one}" for one in self._evaluate(RUN % RULES)]
        return self

    def _evaluate(self, script: str) -> Any:
        """Run script through the debugger, which the page's Content-Security-Policy does not hold up."""
        answer = self._scripts.send(
            "Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True}
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    # Pressing -----------------------------------------------------------------------------------

    def named(self, name: str, about: str = "") -> Locator:
        """The button or link of that visible name; `about` is what its name goes on to say, seen or only heard."""
        whole = re.compile(
            rf"^{re.escape(name)}\W*{re.escape(about)}"
            if about
            else rf"^{re.escape(name)}(\s?:.*|\s+v?\d.*)?$"
        )
        within = self.within
        button = within.get_by_role("button", name=whole)
        return button.or_(within.get_by_role("link", name=whole)).filter(visible=True).first

    def press(self, name: str, about: str = "") -> "Visitor":
        """Press what leads to another page, or to this one anew."""
        control = self.named(name, about)
        control.wait_for()
        with self.page.expect_navigation(wait_until="load"):
            control.click()
        return self.look()

    def open_dialog(self, name: str, about: str = "") -> "Visitor":
        self.named(name, about).click()
        self.page.locator("dialog[open]").wait_for()
        return self.look()

    def download(self, name: str, about: str = "") -> Download:
        with self.page.expect_download() as coming:
            self.named(name, about).click()
        return coming.value

    def task(self, title: str, case: str) -> "Visitor":
        """Press the button of one thing to do on the desk."""
        task = self.page.get_by_role("listitem").filter(has_text=title).filter(has_text=case)
        with self.page.expect_navigation(wait_until="load"):
            task.get_by_role("link").last.click()
        return self.look()

    # Filling ------------------------------------------------------------------------------------

    def part(self, name: str) -> Locator:
        """A named group of fields."""
        return self.within.get_by_role("group", name=re.compile(rf"^{re.escape(name)}")).first

    def fill(self, label: str, text: str, within: Locator | None = None) -> "Visitor":
        whole = re.compile(rf"^{re.escape(label)}(\s+optional)?$")
        (within or self.within).get_by_label(whole).filter(visible=True).first.fill(text)
        return self

    def unfold(self, words: str, within: Locator | None = None) -> "Visitor":
        (within or self.within).locator("summary").filter(has_text=words).first.click()
        return self

    def choose(self, label: str, option: str, within: Locator | None = None) -> "Visitor":
        """Choose in a list by what the option says."""
        whole = re.compile(rf"^{re.escape(label)}(\s+optional)?$")
        field = (within or self.within).get_by_label(whole).filter(visible=True).first
        words = field.locator("option").filter(has_text=option).first.inner_text()
        field.select_option(label=words.strip())
        return self

    def tick(self, label: str, within: Locator | None = None) -> "Visitor":
        """Press the words beside a box or a round, as people do; they begin with the words of `label`."""
        place = within or self.within
        whole = re.compile(rf"^{re.escape(label)}\b")
        box = place.get_by_role("checkbox", name=whole).or_(place.get_by_role("radio", name=whole)).first
        place.locator(f'label[for="{box.get_attribute("id")}"]').click()
        expect(box).to_be_checked()
        return self

    # By keyboard --------------------------------------------------------------------------------

    def focused(self) -> str:
        """The words of what has focus; fails when focus cannot be seen."""
        words, seen = self._evaluate(FOCUS)
        assert seen, f"focus on {words!r} cannot be seen"
        return str(words)

    def tab_to(self, name: str, most: int = 60) -> "Visitor":
        """Press Tab until what has focus says the name."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.focused().startswith(name):
                return self
        raise AssertionError(f"{name} is not within {most} steps on {self.page.url}")

    def skip(self) -> "Visitor":
        """Use the skip link of a fresh page."""
        self.page.keyboard.press("Tab")
        assert self.focused() == "Skip to the text"
        self.page.keyboard.press("Enter")
        return self

    def enter_key(self) -> "Visitor":
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press("Enter")
        return self.look()

    # What everybody does ------------------------------------------------------------------------

    def enter(self) -> "Visitor":
        """The one address that is typed."""
        self.page.goto(self.site)
        return self.look()

    def be(self, name: str) -> "Visitor":
        """Sign out if somebody is signed in, then sign in with one click."""
        if name == self.who:
            return self
        if self.who:
            self.press("Sign out")
        if self.page.get_by_role("button", name=name, exact=True).count() == 0:
            self.press("Sign in")
        self.who = name
        return self.press(name)

    def sign(self, button: str) -> "Visitor":
        """Give user id and password, as page or as dialog, and press the button that names the effect."""
        user = self.within.get_by_label("User id")
        user.wait_for()
        user.fill(USER_ID[self.who])
        self.within.get_by_label("Password").fill(DEMONSTRATION_PASSWORD)
        return self.press(button)

    def case(self, number: str, tab: str = "Decision") -> "Visitor":
        """Open a case from the list of cases, at one of its tabs."""
        return self.press("Cases").open_row(number).press(tab)

    def open_row(self, words: str) -> "Visitor":
        """Follow the link of a table's row."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.get_by_role("row").filter(has_text=words).get_by_role("link").first.click()
        return self.look()

    def wait_for(self, words: str) -> "Visitor":
        """Stay on a page that asks again by itself, until it says so."""
        self.page.get_by_text(words).wait_for(timeout=4 * PATIENCE)
        return self.look()
