// The type-ahead: htmx brings the options, this moves through them and takes one. And what else the search needs a script for.
(() => {
  "use strict";
  for (const input of document.querySelectorAll("[role=combobox]")) {
    const list = document.getElementById(input.getAttribute("aria-controls"));
    let active = null;

    const mark = (option) => {
      active?.setAttribute("aria-selected", "false");
      active = option;
      active?.setAttribute("aria-selected", "true");
      active?.scrollIntoView({ block: "nearest" });
      if (active) input.setAttribute("aria-activedescendant", active.id);
      else input.removeAttribute("aria-activedescendant");
    };
    const open = (isOpen) => {
      list.hidden = !isOpen;
      input.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen) mark(null);
    };
    const take = (option) => {
      input.value = option.dataset.value;
      open(false);
    };

    list.addEventListener("htmx:afterSwap", () => {
      const some = list.children.length > 0 && document.activeElement === input;
      open(some);
      if (some) site.say(`${list.children.length} airports.`);
    });
    input.addEventListener("keydown", (event) => {
      const options = [...list.children];
      if (list.hidden || !options.length) return;
      const at = options.indexOf(active);
      if (event.key === "ArrowDown") mark(options[(at + 1) % options.length]);
      else if (event.key === "ArrowUp") mark(options.at(at <= 0 ? -1 : at - 1));
      else if (event.key === "Enter" && active) take(active);
      else if (event.key === "Escape") open(false);
      else return;
      event.preventDefault();
    });
    // Before the input loses the focus, and with it the list.
    list.addEventListener("pointerdown", (event) => {
      const option = event.target.closest("[role=option]");
      event.preventDefault();
      if (option) take(option);
    });
    input.addEventListener("blur", () => open(false));
  }
  document.querySelector(".days [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  document.querySelector("[data-swap-places]").addEventListener("click", () => {
    const [from, to] = ["origin", "destination"].map((id) => document.getElementById(id));
    [from.value, to.value] = [to.value, from.value];
    site.say(`From ${from.value || "anywhere"} to ${to.value || "anywhere"}.`);
  });
})();
