/* Characters left: every control with data-count writes to the paragraph `<id>-count`. */
const show = (control) => {
  const line = document.getElementById(`${control.id}-count`);
  if (!line) return;
  const left = Number(control.dataset.count) - [...control.value].length;
  const pattern = left < 0 ? line.dataset.over : line.dataset.left;
  line.textContent = pattern.replace("{n}", Math.abs(left).toLocaleString(document.documentElement.lang));
  line.classList.toggle("is-over", left < 0);
};

for (const control of document.querySelectorAll("[data-count]")) {
  // The counter says how many are too many, so the browser must not cut what is pasted.
  control.removeAttribute("maxlength");
  control.addEventListener("input", () => show(control));
  show(control);
}
