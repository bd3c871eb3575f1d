// Evidence files in pieces that resume: a lost connection costs one piece. Without script the same form sends the
// files at once.

const TRIES = 6;
const waited = (ms) => new Promise((done) => setTimeout(done, ms));
const megabytes = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

class Refused extends Error {}

class Sending {
  constructor(form) {
    this.form = form;
    this.words = form.querySelector("[data-upload-words]");
    this.button = form.querySelector("[data-upload-send]");
    this.pause = form.querySelector("[data-upload-pause]");
    this.paused = false;
    this.running = false;
    this.kept = new Map();
  }

  say(text) {
    this.words.textContent = text;
  }

  get token() {
    return this.form.elements.csrf_token.value;
  }

  async ask(address, options = {}) {
    const headers = { Accept: "application/json", "X-CSRF-Token": this.token, ...options.headers };
    const answer = await fetch(address, { credentials: "same-origin", ...options, headers });
    const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    if (answer.ok || answer.status === 409) return { said, status: answer.status };
    if (answer.status >= 500) throw new Error(answer.statusText);
    throw new Refused(said.sentence ?? "The file was not taken.");
  }

  /** Begin a file, or go on with the one that was begun for the same name and size. */
  async begin(file) {
    const mark = `${file.name} ${file.size} ${file.lastModified}`;
    const known = this.kept.get(mark);
    if (known) return { ...known, offset: (await this.ask(known.address)).said.offset };
    const body = new URLSearchParams({ name: file.name, bytes: file.size });
    const { said, status } = await this.ask(this.form.dataset.pieces, { method: "POST", body });
    if (status === 409) throw new Refused(said.sentence);
    this.kept.set(mark, said);
    return said;
  }

  async send(file, place) {
    let { offset } = place;
    const began = performance.now();
    const from = offset;
    for (let tries = 0; offset < file.size; ) {
      while (this.paused) await waited(200);
      const piece = file.slice(offset, offset + place.piece);
      try {
        const { said } = await this.ask(`${place.address}/${offset}`, {
          method: "POST", body: piece, headers: { "Content-Type": "application/octet-stream" },
        });
        offset = said.offset;
        tries = 0;
        this.say(this.progress(file, offset, (offset - from) / Math.max(performance.now() - began, 1)));
      } catch (error) {
        if (error instanceof Refused || (tries += 1) >= TRIES) throw error;
        this.say(`${file.name}: the connection broke. It goes on from ${megabytes(offset)} by itself.`);
        await waited(1000 * 2 ** tries);
        offset = await this.ask(place.address).then(({ said }) => said.offset, () => offset);
      }
    }
    return place.id;
  }

  progress(file, offset, rate) {
    const seconds = Math.ceil((file.size - offset) / Math.max(rate, 1) / 1000);
    const left = offset === file.size ? "It is being read." : seconds > 90 ? `About ${Math.ceil(seconds / 60)} minutes to go.` : `About ${seconds} seconds to go.`;
    return `${file.name}: ${megabytes(offset)} of ${megabytes(file.size)}. ${left}`;
  }

  async all(files) {
    const ids = [];
    for (const file of files) ids.push(await this.send(file, await this.begin(file)));
    for (const id of ids) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "upload", value: id });
      this.form.append(field);
    }
    this.form.querySelector("input[type=file]").disabled = true;
    this.form.submit();
  }

  async start() {
    const files = [...this.form.querySelector("input[type=file]").files];
    if (!files.length) return void this.say("Choose a file first.");
    if (this.running) return;
    this.running = true;
    this.button.setAttribute("aria-disabled", "true");
    this.pause.hidden = false;
    try {
      await this.all(files);
    } catch (error) {
      this.say(error instanceof Refused ? `Not added. ${error.message}` : "The connection did not come back. Press Upload to go on where it stopped.");
      this.pause.hidden = true;
      this.button.removeAttribute("aria-disabled");
      this.running = false;
    }
  }
}

for (const form of document.querySelectorAll("form[data-pieces]")) {
  const sending = new Sending(form);
  form.querySelector("[data-no-script]")?.remove();
  form.querySelector("input[type=file]").addEventListener("change", ({ target }) => {
    const files = [...target.files];
    const size = files.reduce((sum, file) => sum + file.size, 0);
    sending.say(files.length ? `${files.length === 1 ? files[0].name : `${files.length} files`}, ${megabytes(size)}. Not sent yet.` : "");
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sending.start();
  });
  sending.pause.addEventListener("click", () => {
    sending.paused = !sending.paused;
    sending.pause.textContent = sending.paused ? "Go on" : "Pause";
    if (sending.paused) sending.say(`${sending.words.textContent} Paused.`);
  });
}
