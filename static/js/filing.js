// A filing's section page: saves drafts by itself, shows what applies, adds and removes rows in place.
// Without this script every button is a submit button of the same form and does the same.

const QUIET_MS = 2000;

/** Say something politely to those who do not see the change. */
function announce(words) {
  const status = document.getElementById("status");
  if (status) status.textContent = words;
}

/** The answer to a question as the conditions see it: text, true, false, a list, or null for none or a state. */
function valueOf(form, name) {
  const data = new FormData(form);
  if (data.get(`${name}-state`)) return null;
  const rows = data.getAll(`${name}-rows`);
  if (rows.length) return rows;
  if (data.get(`${name}-none`)) return [];
  const given = data.getAll(name).filter((each) => each !== "");
  const box = form.querySelector(`input[type="checkbox"][name="${CSS.escape(name)}"]`);
  if (box) return given.length ? given : null;
  if (!given.length) return null;
  const yesNo = form.querySelector(`input[type="radio"][name="${CSS.escape(name)}"][value="yes"]`);
  return yesNo ? given[0] === "yes" : given[0];
}

function isAnswered(form, name) {
  return valueOf(form, name) !== null || Boolean(new FormData(form).get(`${name}-state`));
}

/** Where a bare key is found: in the same row, else one row further out, else in the section. */
function nameFor(form, prefix, key) {
  for (let at = prefix; ; ) {
    if (form.elements[`${at}${key}-asked`]) return `${at}${key}`;
    const cut = at.replace(/[a-z0-9_]+-r[0-9a-f]+-$/, "");
    if (cut === at) return key;
    at = cut;
  }
}

/** The same tests as the rules make on the server, which decides in the end. */
function holds(condition, form, prefix) {
  if ("decided" in condition && !condition.decided) return false;
  if (condition.all?.some((part) => !holds(part, form, prefix))) return false;
  if (condition.any?.length && !condition.any.some((part) => holds(part, form, prefix))) return false;
  if (!condition.field) return true;
  const name = nameFor(form, prefix, condition.field);
  const value = valueOf(form, name);
  const none = Array.isArray(value) && value.length === 0;
  if ("answered" in condition && condition.answered !== isAnswered(form, name)) return false;
  if ("none" in condition && condition.none !== none) return false;
  if ("equals" in condition && value !== condition.equals) return false;
  if ("in" in condition && !condition.in.includes(value)) return false;
  if ("contains" in condition && !(Array.isArray(value) && value.includes(condition.contains))) return false;
  if ("at_least" in condition || "at_most" in condition) {
    const number = value === null || Array.isArray(value) ? NaN : Number(value);
    if (Number.isNaN(number)) return false;
    if ("at_least" in condition && number < condition.at_least) return false;
    if ("at_most" in condition && number > condition.at_most) return false;
  }
  return true;
}

function showWhatApplies(form, quiet = false) {
  const said = [];
  for (const block of form.querySelectorAll("[data-when]")) {
    const row = block.parentElement.closest("[data-row]");
    const prefix = row ? `${row.id}-` : "";
    const applies = holds(JSON.parse(block.dataset.when), form, prefix);
    if (applies === !block.hidden) continue;
    block.hidden = !applies;
    if (applies) said.push(block.querySelector(".because__why").textContent.trim());
  }
  if (said.length && !quiet) announce(said.join(" "));
}

function showStates(form) {
  for (const question of form.querySelectorAll("[data-question]")) {
    const name = question.dataset.question;
    const chosen = form.querySelector(`input[name="${CSS.escape(`${name}-state`)}"]:checked`);
    const control = [...question.querySelectorAll("[data-control]")].find((each) => each.closest("[data-question]") === question);
    if (control && chosen) control.hidden = chosen.value !== "";
  }
}

/** The list of what is missing as it is after a save. Says how many are left when that number changed. */
function showMissing({ missing, missing_list: list }) {
  const holder = document.querySelector("[data-missing]");
  if (!holder || list === undefined) return;
  // A link of the list that has the focus keeps its place: the list waits for the next save.
  if (holder.contains(document.activeElement)) return;
  const before = Number(holder.dataset.missingCount);
  const fresh = document.createElement("template");
  fresh.innerHTML = list;
  holder.replaceChildren(fresh.content);
  holder.dataset.missingCount = missing;
  if (missing !== before) announce(missing === 0 ? "Nothing is missing now." : missing === 1 ? "One answer is missing now." : `${missing} answers are missing now.`);
}

function freshId() {
  return `r${[...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function addRow(button) {
  const holder = button.closest("[data-rows]");
  const template = holder.querySelector(":scope > fieldset > [data-control] > [data-row-template]");
  const fresh = document.createElement("template");
  fresh.innerHTML = template.innerHTML.replaceAll(template.dataset.rowTemplate, freshId());
  const row = fresh.content.firstElementChild;
  holder.querySelector("[data-rows-list]").append(row);
  const none = holder.querySelector(`input[name="${CSS.escape(`${holder.dataset.rows}-none`)}"]`);
  if (none) none.checked = false;
  row.focus();
  announce(`A ${holder.dataset.rowName} was added.`);
}

function removeRow(button) {
  const row = button.closest("[data-row]");
  const holder = row.closest("[data-rows]");
  const heading = row.querySelector("legend").textContent.trim();
  row.remove();
  (holder.querySelector("[data-row]") ?? holder.querySelector("[data-add-row]")).focus();
  announce(`${heading} was removed.`);
}

/** One quiet line: when it was saved, or since when it was not. */
class Line {
  constructor(element) {
    this.element = element;
    this.last = element.dataset.lastSaved ?? "";
  }

  saved(words) {
    this.last = words;
    this.say(`Saved ${words}`, false);
  }

  failed() {
    const since = this.last ? `Not saved since ${this.last}: ` : "Not saved yet: ";
    this.say(`${since}your text is kept here`, true);
  }

  stale(address) {
    this.say("Somebody else saved this section. Your text is kept here. ", true);
    const link = document.createElement("a");
    link.className = "usa-link";
    link.href = address;
    link.textContent = "Compare the two";
    // The form itself goes there, so that what was typed is compared and not lost.
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.element.closest("form").requestSubmit();
    });
    this.element.append(link);
  }

  say(words, bad) {
    this.element.classList.toggle("autosave--failed", bad);
    this.element.textContent = words;
  }
}

class Autosave {
  constructor(form, line) {
    this.form = form;
    this.line = line;
    this.sent = this.body().toString();
    this.timer = 0;
    this.running = false;
    this.stopped = false;
  }

  body() {
    return new URLSearchParams(new FormData(this.form));
  }

  get dirty() {
    return this.body().toString() !== this.sent;
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), QUIET_MS);
  }

  async now() {
    clearTimeout(this.timer);
    if (this.stopped || !this.dirty) return;
    if (this.running) return void this.later();
    this.running = true;
    const body = this.body();
    try {
      await this.take(await this.post(body), body.toString());
    } catch {
      this.line.failed();
      this.later();
    } finally {
      this.running = false;
    }
  }

  /** The page goes away: send what was typed since, without waiting for an answer. */
  last() {
    if (!this.stopped && this.dirty) navigator.sendBeacon(this.form.dataset.autosaveUrl, this.body());
  }

  post(body) {
    return fetch(this.form.dataset.autosaveUrl, {
      method: "POST", body, credentials: "same-origin", headers: { Accept: "application/json" },
    });
  }

  async take(answer, sent) {
    const said = await answer.json();
    if (answer.status === 409) {
      this.stopped = true;
      return void this.line.stale(said.compare);
    }
    if (!answer.ok) throw new Error(answer.statusText);
    this.keepVersion(said.version, sent);
    this.line.saved(said.saved);
    showMissing(said);
    if (this.dirty) this.later();
  }

  /** The version that the next save builds on; it is part of the form and so of what counts as sent. */
  keepVersion(version, sent) {
    const field = this.form.elements.version;
    if (version !== undefined && field) {
      field.value = version;
      const body = new URLSearchParams(sent);
      body.set("version", version);
      sent = body.toString();
    }
    this.sent = sent;
  }
}

function enhance(form) {
  const line = new Line(form.querySelector("[data-saved-line]") ?? document.createElement("p"));
  const autosave = form.dataset.autosaveUrl ? new Autosave(form, line) : null;
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-row], [data-remove-row]");
    if (!button) return;
    event.preventDefault();
    if (button.matches("[data-add-row]")) addRow(button);
    else removeRow(button);
    showWhatApplies(form, true);
    autosave?.later();
  });
  form.addEventListener("input", () => {
    showStates(form);
    showWhatApplies(form);
    autosave?.later();
  });
  form.addEventListener("focusout", () => autosave?.now());
  form.addEventListener("submit", () => {
    if (autosave) autosave.stopped = true;
  });
  addEventListener("pagehide", () => autosave?.last());
  showStates(form);
  showWhatApplies(form, true);
}

for (const form of document.querySelectorAll("form[data-filing]")) enhance(form);
