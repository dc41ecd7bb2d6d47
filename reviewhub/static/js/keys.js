/* Keys for desk lists: j and k move between rows, Enter opens, / searches, ? shows the keys. */
const links = () => [...document.querySelectorAll("[data-keys] tbody tr")]
  .map((row) => row.querySelector("th a[href], a[href]"))
  .filter(Boolean);

const move = (step) => {
  const all = links();
  const row = document.activeElement?.closest?.("[data-keys] tbody tr");
  const at = all.findIndex((link) => row?.contains(link));
  const target = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
  target?.focus();
  target?.closest("tr").scrollIntoView({ block: "nearest" });
};

const help = document.getElementById("keys-help");
let before = null;

const toggleHelp = (open) => {
  if (!help || help.hidden === !open) return;
  if (open) before = document.activeElement;
  help.hidden = !open;
  (open ? help : before)?.focus();
};

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return toggleHelp(false);
  if (typing(event.target) || !document.querySelector("[data-keys]")) return;
  const act = {
    j: () => move(1),
    k: () => move(-1),
    "/": () => document.querySelector("main input[type=search]")?.focus(),
    "?": () => toggleHelp(help?.hidden),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
