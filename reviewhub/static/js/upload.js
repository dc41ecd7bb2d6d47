/* Files that are sent piece by piece: inside [data-upload], the button that leads to the plain page
   gives way to a file input. Each file is announced with the SHA-256 of its content; the answer says
   how much of it is there already, so it goes on after a cut, a reload, or from another tab. */
const CHUNK = 256 * 1024;
const RETRY_MS = [1000, 3000, 8000, 20000];
const JSON_WANTED = { Accept: "application/json" };

class Refused extends Error {}

const rest = (ms) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    window.addEventListener("online", () => (clearTimeout(timer), resolve()), { once: true });
  });

const fingerprint = async (file) => {
  if (!crypto.subtle) return `plain-${file.size}-${file.lastModified}`;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

class Uploads {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.list = box.querySelector("[data-upload-list]");
    this.status = box.querySelector("[data-upload-status]");
    this.template = box.querySelector("[data-upload-item]");
    this.queue = Promise.resolve();
    this.waiting = 0;
    box.querySelector("[data-upload-plain]").hidden = true;
    box.querySelector("[data-upload-control]").hidden = false;
    this.input = box.querySelector("[data-upload-control] input");
    this.input.addEventListener("change", () => this.chosen());
    this.form.addEventListener("submit", (event) => this.hold(event));
  }

  /* One after another: a slow line is not made slower by sending two at once. */
  chosen() {
    for (const file of this.input.files) {
      const item = this.item(file);
      this.waiting += 1;
      this.queue = this.queue.then(() => this.send(file, item)).finally(() => (this.waiting -= 1));
    }
    this.input.value = "";
  }

  hold(event) {
    if (!this.waiting || event.submitter?.formNoValidate) return;
    event.preventDefault();
    this.status.textContent = this.box.dataset.busy;
  }

  async send(file, item) {
    try {
      if (file.size > Number(this.box.dataset.mostBytes)) throw new Refused(this.box.dataset.large);
      const print = await fingerprint(file).catch(() => {
        throw new Refused(this.box.dataset.unreadable);
      });
      this.list.querySelector(`[data-fingerprint="${print}"]`)?.remove();
      this.arrived(item, await this.insist(file, print, item));
    } catch (error) {
      this.said(item, error instanceof Refused ? error.message : this.box.dataset.failed);
      item.querySelector("progress")?.remove();
      this.status.textContent = `${file.name}: ${item.querySelector(".meta").textContent}`;
    }
  }

  /* Until it has arrived or was refused: a line that breaks is only a pause. */
  async insist(file, print, item) {
    for (let turn = 0; ; turn += 1) {
      const before = Number(item.dataset.offset);
      try {
        return await this.pieces(file, print, item);
      } catch (error) {
        if (error instanceof Refused) throw error;
        if (Number(item.dataset.offset) > before) turn = 0;
        this.said(item, this.box.dataset.waiting.replace("{percent}", item.querySelector("progress").value));
        await rest(RETRY_MS[Math.min(turn, RETRY_MS.length - 1)]);
      }
    }
  }

  async pieces(file, print, item) {
    this.said(item, this.box.dataset.checking);
    const form = new FormData();
    for (const [name, value] of [["name", file.name], ["size", file.size], ["fingerprint", print]]) {
      form.append(name, value);
    }
    let found = await this.post(await this.address(), form);
    const url = new URL(found.url ?? "", location);
    while (!found.file) {
      this.progress(item, found.offset, file.size);
      url.searchParams.set("offset", found.offset);
      found = await this.post(url, file.slice(found.offset, found.offset + CHUNK));
    }
    return found.file;
  }

  /* The answers come first: a draft that was never saved has no place for a file yet. */
  async address() {
    while (!this.form.dataset.uploads) {
      const saved = new Promise((resolve) => this.form.addEventListener("draft-saved", resolve, { once: true }));
      this.form.dispatchEvent(new Event("draft-wanted"));
      await saved;
    }
    return this.form.dataset.uploads;
  }

  /* Raises Refused with the server's sentence; anything else is worth another try. */
  async post(url, body) {
    const token = this.form.querySelector("[name=csrf_token]").value;
    const headers = { ...JSON_WANTED, "X-CSRFToken": token };
    if (!(body instanceof FormData)) headers["Content-Type"] = "application/octet-stream";
    const answer = await fetch(url, { method: "POST", headers, body });
    const found = await answer.json().catch(() => ({}));
    if (answer.ok) return found;
    if (answer.status === 429 || answer.status >= 500) throw new Error(answer.status);
    throw new Refused(found.error ?? this.box.dataset.failed);
  }

  item(file) {
    const item = this.template.content.cloneNode(true).firstElementChild;
    item.querySelector("bdi").textContent = file.name;
    item.dataset.offset = 0;
    this.list.append(item);
    this.list.hidden = false;
    return item;
  }

  progress(item, offset, size) {
    const percent = Math.floor((100 * offset) / size);
    item.dataset.offset = offset;
    item.querySelector("progress").value = percent;
    this.said(item, this.box.dataset.sending.replace("{percent}", percent));
  }

  arrived(item, file) {
    const size = new Intl.NumberFormat(document.documentElement.lang, {
      style: "unit", unit: "kilobyte", maximumFractionDigits: 0,
    });
    item.querySelector("bdi").textContent = file.name;
    this.said(item, size.format(Math.ceil(file.size / 1000)));
    item.querySelector("progress").remove();
    const button = item.querySelector("button");
    button.setAttribute("formaction", file.detach);
    button.hidden = false;
    this.status.textContent = this.box.dataset.arrived.replace("{name}", file.name);
  }

  said(item, words) {
    item.querySelector(".meta").textContent = words;
  }
}

for (const box of document.querySelectorAll("[data-upload]")) new Uploads(box);
