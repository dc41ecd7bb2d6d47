/* Drafts that save themselves: a form with data-autosave="url" is posted there two seconds after
   the last key. The server answers {"saved_at": iso, "url": new autosave address or absent,
   "action": new form action or absent}. Without a connection the text is kept on this device. */
const DELAY_MS = 2000;
const RETRY_MS = 15000;

class Autosave {
  constructor(form) {
    this.form = form;
    this.line = form.querySelector("[data-autosave-status]");
    this.key = `draft:${location.pathname}`;
    this.dirty = false;
    this.busy = false;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", () => this.leave());
    window.addEventListener("online", () => this.dirty && this.save());
    window.addEventListener("pagehide", () => this.dirty && this.keep());
    this.offer();
  }

  changed() {
    this.dirty = true;
    this.later(DELAY_MS);
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  leave() {
    clearTimeout(this.timer);
    if (this.dirty) this.keep();
    this.dirty = false;
  }

  async save() {
    if (this.busy) return this.later(DELAY_MS);
    this.busy = true;
    this.dirty = false;
    this.say("saving");
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: "POST",
        body: this.data(),
        headers: { Accept: "application/json" },
      });
      if (answer.ok && !answer.redirected) this.saved(await answer.json());
      else this.failed("refused");
    } catch {
      this.failed("offline");
    } finally {
      this.busy = false;
    }
  }

  saved({ saved_at: at, url, action }) {
    if (url) this.form.dataset.autosave = url;
    if (action) this.form.action = action;
    if (!this.dirty) this.forget();
    const time = new Date(at).toLocaleTimeString(document.documentElement.lang, {
      hour: "2-digit",
      minute: "2-digit",
    });
    this.say("saved", time);
  }

  failed(reason) {
    this.dirty = true;
    this.keep();
    this.say(reason);
    this.later(RETRY_MS);
  }

  /* Files stay out: they are sent with the form itself. */
  data() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return data;
  }

  keep() {
    const fields = [...this.data()].filter(([name]) => name !== "csrf_token");
    try {
      localStorage.setItem(this.key, JSON.stringify(fields));
    } catch {
      /* A full or forbidden store: the page itself still holds the text. */
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      /* As above. */
    }
  }

  kept() {
    try {
      return JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
  }

  /* A copy left by a lost connection is offered, never put in by itself. */
  offer() {
    const kept = this.kept();
    const now = JSON.stringify([...this.data()].filter(([name]) => name !== "csrf_token"));
    if (!kept || JSON.stringify(kept) === now) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-button";
    button.textContent = this.line?.dataset.restore ?? "";
    button.addEventListener("click", () => this.restore(kept));
    this.say("found");
    this.line?.append(" ", button);
  }

  restore(kept) {
    for (const control of this.form.elements) {
      const values = kept.filter(([name]) => name === control.name).map(([, value]) => value);
      if (["checkbox", "radio"].includes(control.type)) control.checked = values.includes(control.value);
      else if (values.length && !["hidden", "file", "submit"].includes(control.type)) {
        control.value = values[0];
      } else continue;
      // Counters and filters listen for this, and so does the next save.
      control.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  say(word, time = "") {
    if (!this.line) return;
    this.line.textContent = (this.line.dataset[word] ?? "").replace("{time}", time);
  }
}

/* The page that thanks for a form says which path's copy is no longer needed. */
for (const mark of document.querySelectorAll("[data-autosave-done]")) {
  try {
    localStorage.removeItem(`draft:${mark.dataset.autosaveDone}`);
  } catch {
    /* As above. */
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
