/* A filter above long lists of choices: data-filterable holds the filter's label. */
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

for (const box of document.querySelectorAll("[data-filterable]")) {
  const input = document.createElement("input");
  input.type = "search";
  input.className = "input filter-input";
  input.placeholder = box.dataset.filterable;
  input.setAttribute("aria-label", box.dataset.filterable);
  const nothing = document.createElement("p");
  nothing.className = "hint";
  nothing.textContent = box.dataset.nothing ?? "";
  nothing.hidden = true;
  nothing.setAttribute("role", "status");
  const choices = [...box.children];
  input.addEventListener("input", (event) => {
    event.stopPropagation();
    const wanted = fold(input.value.trim());
    for (const choice of choices) {
      const chosen = choice.querySelector("input")?.checked;
      choice.hidden = !chosen && !fold(choice.textContent).includes(wanted);
    }
    nothing.hidden = choices.some((choice) => !choice.hidden);
  });
  // Enter here means "look", not "send the form".
  input.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  box.before(input);
  box.append(nothing);
}
