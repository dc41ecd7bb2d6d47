/* Selecting rows of a list: how many are selected, all at once, a stretch with Shift. The form works
   without this. */
const form = document.querySelector("form[data-select]");

if (form) {
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
  const status = form.querySelector("[data-chosen]");
  const words = status.textContent;
  const head = form.querySelector("thead .pick");

  const all = document.createElement("input");
  all.type = "checkbox";
  all.setAttribute("aria-label", head.textContent.trim());
  head.append(all);

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    status.textContent = chosen ? status.dataset.chosen.replace("#", chosen) : words;
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    for (const box of boxes) box.closest("tr").classList.toggle("is-chosen", box.checked);
  };

  let last = null;
  form.addEventListener("click", (event) => {
    const box = event.target;
    if (!boxes.includes(box)) return;
    if (event.shiftKey && last) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    show();
  });
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  /* Coming back with the browser's button brings the ticks back as well. */
  window.addEventListener("pageshow", show);
  show();
}
