// What script adds to pages that work without it: focus on what went wrong, the menu, panels in place, the dialog.

const status = document.getElementById("status");

/** Say something politely to those who do not see the change. */
export function announce(words) {
  if (status) status.textContent = words;
}

function focusOnRefusal() {
  const target = document.querySelector("#error-summary, #refusal");
  if (!target) return;
  if (target.id === "error-summary" && !document.title.startsWith("Problem: ")) document.title = `Problem: ${document.title}`;
  target.focus();
}

function toggles() {
  for (const button of document.querySelectorAll("[data-toggle]")) {
    const menu = document.getElementById(button.dataset.toggle);
    const show = (open) => {
      button.setAttribute("aria-expanded", String(open));
      menu.toggleAttribute("data-open", open);
    };
    button.addEventListener("click", () => show(!menu.hasAttribute("data-open")));
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.hasAttribute("data-open")) return;
      show(false);
      button.focus();
    });
  }
}

/** The part of another page of ours that matches, or null. */
async function partOf(address, selector) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(selector);
}

/** `<a data-swap="#source">` loads that part of its page in place; without script it is an ordinary link. */
function swaps() {
  const page = () => location.pathname + location.search;
  let shown = page();
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    const place = document.querySelector(link.dataset.swap);
    if (!place) return;
    event.preventDefault();
    const fresh = await partOf(link.href, link.dataset.swap).catch(() => null);
    if (!fresh) return void (location.href = link.href);
    place.replaceWith(fresh);
    history.pushState({}, "", link.href);
    shown = page();
    const heading = fresh.querySelector("h1, h2, h3");
    heading?.focus();
    announce(`${heading?.textContent.trim() ?? "This part"} is open.`);
  });
  // A jump within the page is a popstate too; what was typed must stay.
  addEventListener("popstate", () => page() !== shown && location.reload());
}

/** `<a data-dialog>` shows the page's `[data-dialog-content]` as a dialog. Escape and `[data-close]` sign nothing. */
function dialogs() {
  document.addEventListener("click", async (event) => {
    const opener = event.target.closest("a[data-dialog]");
    if (opener && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      const content = await partOf(opener.href, "[data-dialog-content]").catch(() => null);
      if (!content) return void (location.href = opener.href);
      const dialog = document.createElement("dialog");
      dialog.className = "dialog";
      dialog.setAttribute("aria-labelledby", content.querySelector("h1")?.id ?? "");
      dialog.append(content);
      dialog.addEventListener("close", () => {
        dialog.remove();
        opener.focus();
      });
      document.body.append(dialog);
      dialog.showModal();
      dialog.dispatchEvent(new CustomEvent("review:shown", { bubbles: true }));
    }
    const closer = event.target.closest("[data-close]");
    const open = closer?.closest("dialog");
    if (open) {
      event.preventDefault();
      open.close();
    }
  });
}

/** A blocked act keeps its place; pressing it leads to what blocks it. */
function blockedActs() {
  document.addEventListener("click", (event) => {
    const act = event.target.closest('[aria-disabled="true"][href^="#"]');
    if (!act) return;
    event.preventDefault();
    const reasons = document.getElementById(act.getAttribute("href").slice(1));
    reasons?.scrollIntoView({ block: "center" });
    reasons?.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.('[role="button"][aria-disabled="true"]')) {
      event.preventDefault();
      event.target.click();
    }
  });
}

const megabytes = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** Says name and size of the chosen file before it is sent. */
function uploads() {
  for (const form of document.querySelectorAll("form[data-upload]")) {
    const words = form.querySelector("[data-upload-words]");
    form.querySelector("input[type=file]")?.addEventListener("change", ({ target }) => {
      const [file] = target.files;
      if (words) words.textContent = file ? `${file.name}, ${megabytes(file.size)}. Not sent yet.` : "";
    });
    form.addEventListener("submit", () => {
      if (words?.textContent) words.textContent = words.textContent.replace("Not sent yet.", "Being sent. Stay on this page.");
    });
  }
}

/** A disclosure that stands open beside the text when there is room, and folds above it when there is not. */
function folds() {
  for (const part of document.querySelectorAll("details[data-fold-below]")) {
    const narrow = matchMedia(`(width <= ${Number(part.dataset.foldBelow)}px)`);
    const fit = () => part.toggleAttribute("open", !narrow.matches);
    narrow.addEventListener("change", fit);
    fit();
  }
}

toggles();
folds();
swaps();
dialogs();
blockedActs();
uploads();
focusOnRefusal();
