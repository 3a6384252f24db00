// Finding seats: the filter dims what does not match, and proposed seats stand out on the map.
(() => {
  "use strict";
  const form = document.getElementById("seats");
  const boxes = [...form.querySelectorAll("input[name=seats]")];
  const filter = document.querySelector("form.filter");

  // --- The filter ----------------------------------------------------------------------------
  // Dimmed seats stay where they are and can be chosen: the map never changes its shape.
  const chosen = (name) => filter.querySelectorAll(`[name=${name}]:checked`);
  const matches = ({ dataset }) => {
    const features = new Set(dataset.is.split(" "));
    const most = filter.elements.most.value;
    return (
      (!most || Number(dataset.cents) <= Number(most)) &&
      [...chosen("is")].every(({ value }) => features.has(value)) &&
      [...chosen("not")].every(({ value }) => !value.split(" ").some((name) => features.has(name)))
    );
  };
  const mark = (label, isDim) => {
    if (label.hasAttribute("data-dim") === isDim) return;
    label.toggleAttribute("data-dim", isDim);
    if (isDim) label.querySelector(".card").insertAdjacentHTML("beforeend", "<em>, not what you filter for</em>");
    else label.querySelector("em").remove();
  };
  const apply = () => {
    const isOn = Boolean(filter.elements.most.value) || filter.querySelector(":checked:not(option)") !== null;
    for (const { parentElement } of boxes) mark(parentElement, isOn && !matches(parentElement));
    form.toggleAttribute("data-filtered", isOn);
    const free = boxes.filter((box) => !box.dataset.state && !box.parentElement.hasAttribute("data-dim"));
    document.getElementById("match-count").value = isOn
      ? `${free.length} free ${free.length === 1 ? "seat matches" : "seats match"}.`
      : "";
  };
  filter.addEventListener("change", apply);
  filter.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("reset", () => setTimeout(apply));
  filter.parentElement.hidden = false;
  apply(); // A browser that comes back fills the form in again.

  // --- Remembered: how somebody likes to look at seats, also on the next flight -----------------
  const tools = [...document.querySelectorAll("[name=view], #zoom")];
  const KEY = "seat-views";
  const remember = () => {
    try {
      localStorage.setItem(KEY, JSON.stringify(tools.filter(({ checked }) => checked).map(({ id }) => id)));
    } catch {
      // A browser that keeps nothing.
    }
  };
  const recall = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? [];
    } catch {
      return [];
    }
  };
  for (const tool of tools) tool.addEventListener("change", remember);
  for (const tool of tools) if (recall().includes(tool.id)) tool.checked = true;

  // --- The proposal -------------------------------------------------------------------------
  const show = () => {
    const seats = document.getElementById("proposal")?.dataset.seats.split(" ") ?? [];
    for (const box of boxes) box.toggleAttribute("data-proposed", seats.includes(box.value));
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    form.querySelector("[data-proposed]")?.scrollIntoView({ block: "center", behavior: isStill ? "auto" : "smooth" });
  };
  document.getElementById("panel").addEventListener("htmx:afterSwap", show);
  show();
})();
