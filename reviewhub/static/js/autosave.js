/* Drafts that save themselves: a form with data-autosave="url" is posted there two seconds after
   the last key, five seconds after the first, and when the page is left. The server answers
   {"saved_at": iso, "url": new autosave address or absent, "action": new form action or absent,
   "uploads": where files go or absent, "fields": hidden fields by name or absent}. The event
   "draft-wanted" on the form saves at once, and "draft-saved" follows each save. Without a
   connection the text is kept on this device. Where another tab has saved something else, the
   server says "overtaken": saving stops, and the button that saves by hand shows both texts. */
const DELAY_MS = 2000;
const MOST_MS = 5000;
const RETRY_MS = 15000;
/* What the page says of itself: no answers, so no reason to save or to offer a copy. */
const OWN = new Set(["csrf_token", "draft_version", "draft_tab"]);

class Autosave {
  constructor(form) {
    this.form = form;
    this.line = form.querySelector("[data-autosave-status]");
    this.key = `draft:${form.dataset.autosaveKey ?? location.pathname}`;
    this.dirty = false;
    this.busy = false;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", (event) => event.defaultPrevented || this.leave());
    form.addEventListener("draft-wanted", () => this.save());
    window.addEventListener("online", () => this.dirty && this.save());
    window.addEventListener("pagehide", () => this.dirty && this.last());
    this.offer();
  }

  changed() {
    if (!this.dirty) this.since = Date.now();
    this.dirty = true;
    this.later(Math.max(0, Math.min(DELAY_MS, this.since + MOST_MS - Date.now())));
  }

  later(delay) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), delay);
  }

  leave() {
    clearTimeout(this.timer);
    if (this.dirty) this.keep();
    this.dirty = false;
  }

  /* The page goes: the text is kept here, and sent without waiting for an answer. */
  last() {
    this.keep();
    if (!this.stopped) this.post({ keepalive: true }).catch(() => {});
  }

  post(options) {
    return fetch(this.form.dataset.autosave, {
      method: "POST",
      body: this.data(),
      headers: { Accept: "application/json" },
      ...options,
    });
  }

  async save() {
    if (this.stopped) return;
    if (this.busy) return this.later(DELAY_MS);
    this.busy = true;
    this.dirty = false;
    this.say("saving");
    try {
      const answer = await this.post();
      if (answer.ok && !answer.redirected) this.saved(await answer.json());
      else await this.refused(answer);
    } catch {
      this.failed("offline");
    } finally {
      this.busy = false;
    }
  }

  saved({ saved_at: at, url, action, uploads, fields }) {
    if (url) this.form.dataset.autosave = url;
    if (uploads) this.form.dataset.uploads = uploads;
    this.take(fields);
    if (action) {
      this.form.action = action;
      // A reload goes on with this draft instead of beginning another one.
      history.replaceState(history.state, "", action);
    }
    this.form.dispatchEvent(new Event("draft-saved"));
    if (!this.dirty) this.forget();
    const time = new Date(at).toLocaleTimeString(document.documentElement.lang, {
      hour: "2-digit",
      minute: "2-digit",
    });
    this.say("saved", time);
  }

  /* A page that was open for too long gets a new token and tries again at once. */
  async refused(answer) {
    const said = await answer.json().catch(() => ({}));
    if (said.overtaken) return this.overtaken();
    this.failed("refused", said.fields && !this.renewed ? 0 : RETRY_MS);
    this.renewed = Boolean(said.fields);
    this.take(said.fields);
  }

  failed(reason, delay = RETRY_MS) {
    this.dirty = true;
    this.keep();
    this.say(reason);
    this.later(delay);
  }

  overtaken() {
    this.stopped = true;
    this.dirty = true;
    this.keep();
    this.say("overtaken");
    this.button(this.line?.dataset.both, () => {
      this.form.requestSubmit(this.form.querySelector("button[formaction]"));
    });
  }

  take(fields) {
    for (const [name, value] of Object.entries(fields ?? {})) {
      const control = this.form.elements[name];
      if (control) control.value = value;
    }
  }

  /* Files stay out: they are sent with the form itself. */
  data() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return data;
  }

  answers() {
    return JSON.stringify([...this.data()].filter(([name]) => !OWN.has(name)));
  }

  keep() {
    try {
      localStorage.setItem(this.key, this.answers());
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
    if (!kept) return;
    if (JSON.stringify(kept) === this.answers()) return this.forget();
    this.say("found");
    this.button(this.line?.dataset.restore, () => this.restore(kept));
  }

  button(label, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-button";
    button.textContent = label ?? "";
    button.addEventListener("click", act);
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
