/* Keys for desk lists: j, k and the arrows move between rows, Enter opens, x selects, / searches,
   ? shows the keys. On an item's page j and k go to its neighbours in the list it was opened from. */
const rows = () => [...document.querySelectorAll("[data-keys] tbody tr")];
const linkOf = (row) => row?.querySelector("th a[href], a[href]");
const present = () => document.activeElement?.closest?.("[data-keys] tbody tr");

const move = (step) => {
  const all = rows().filter(linkOf);
  const at = all.indexOf(present());
  const target = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
  linkOf(target)?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: "nearest" });
};

const select = () => present()?.querySelector("input[type=checkbox]")?.click();

const help = document.getElementById("keys-help");
const opener = document.querySelector("[data-keys-open]");
const off = document.querySelector("[data-keys-off]");
let before = null;

const toggleHelp = (open) => {
  if (!help || help.hidden === !open) return;
  if (open) before = document.activeElement;
  help.hidden = !open;
  (open ? help : before)?.focus();
};

/* A tick box takes no letters, so the keys go on working from it. */
const typing = (target) =>
  target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

const neighbour = (direction) => document.querySelector(`[data-neighbours] a[rel=${direction}]`);

const listKeys = {
  j: () => move(1),
  k: () => move(-1),
  x: select,
  "/": () => document.querySelector("main input[type=search]")?.focus(),
};
const itemKeys = {
  j: () => neighbour("next")?.click(),
  k: () => neighbour("prev")?.click(),
  u: () => neighbour("up")?.click(),
};

const actionFor = (key) => {
  if (key === "?") return () => toggleHelp(help?.hidden);
  if (document.querySelector("[data-neighbours]")) return itemKeys[key];
  if (!rows().length) return key === "/" ? listKeys["/"] : null;
  if (present() && key === "ArrowDown") return listKeys.j;
  if (present() && key === "ArrowUp") return listKeys.k;
  return listKeys[key];
};

/* Keys that are mere letters get in the way of some, who speak to their computer for one. */
if (help && (rows().length || document.querySelector("[data-neighbours]"))) {
  opener.hidden = false;
  opener.addEventListener("click", () => toggleHelp(help.hidden));
  off.checked = localStorage.getItem("keys") === "off";
  off.addEventListener("change", () => localStorage.setItem("keys", off.checked ? "off" : "on"));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return toggleHelp(false);
  if (off?.checked) return;
  if (typing(event.target)) return;
  const act = actionFor(event.key);
  if (!act) return;
  event.preventDefault();
  act();
});
