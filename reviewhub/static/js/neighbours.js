/* From an item to the next one of the list that it was opened from. The list stays in this tab's own
   memory; without this, the way is back to the list. */
const KEY = "desk-list";

const table = document.querySelector("[data-list]");
if (table) {
  const paths = [...table.querySelectorAll("tbody th a[href]")].map((link) => link.pathname);
  const list = { address: location.pathname + location.search, paths };
  sessionStorage.setItem(KEY, JSON.stringify(list));
}

const nav = document.querySelector("[data-neighbours]");
if (nav) {
  const { address, paths } = JSON.parse(sessionStorage.getItem(KEY)) ?? { paths: [] };
  const at = paths.indexOf(location.pathname);
  const link = (rel) => nav.querySelector(`a[rel=${rel}]`);
  const lead = (rel, path) => {
    if (!path) return;
    link(rel).href = path;
    link(rel).hidden = false;
  };
  if (at >= 0) {
    nav.hidden = false;
    lead("prev", paths[at - 1]);
    lead("next", paths[at + 1]);
    lead("up", address);
  }
}
