// The seat map: one request for each click, seats that change their look, arrow keys.
(() => {
  "use strict";
  const form = document.getElementById("seats");
  const boxes = [...form.querySelectorAll("input[name=seats]")];
  const byName = new Map(boxes.map((box) => [box.value, box]));
  const WORDS = { available: "available", mine: "yours", held: "held by someone else", booked: "taken" };

  // --- State: what the server said last, and the clicks it has not answered yet -------------
  const stateOf = (box) => box.state ?? (box.defaultChecked ? "mine" : box.dataset.state ?? "available");
  const waiting = new Map();

  const setState = (box, state) => {
    const others = state === "held" || state === "booked";
    box.checked = state === "mine";
    if (stateOf(box) === state && box.state) return;
    box.state = state;
    // Not `disabled`, which would throw the focus away under somebody's fingers.
    if (others) { box.dataset.state = state; box.setAttribute("aria-disabled", "true"); }
    else { delete box.dataset.state; box.removeAttribute("aria-disabled"); }
    box.parentElement.querySelector("i").textContent = WORDS[state];
  };
  const apply = (states) => {
    for (const box of boxes) if (!waiting.get(box.value)) setState(box, states[box.value] ?? "available");
  };
  window.seatMap = { apply };

  const isFrozen = boxes.every((box) => box.disabled);
  if (!isFrozen) {
    for (const box of boxes) {
      const state = stateOf(box);
      box.disabled = false;
      setState(box, state);
    }
  }

  // --- Clicks ---------------------------------------------------------------------------
  form.addEventListener("click", (event) => {
    const box = event.target;
    if (box.name !== "seats" || !box.dataset.state) return;
    event.preventDefault();
    site.say(`Seat ${box.value} is ${WORDS[box.dataset.state]}.`);
  });
  form.addEventListener("change", ({ target }) => {
    waiting.set(target.value, (waiting.get(target.value) ?? 0) + 1);
    target.parentElement.classList.add("asking");
  }, true);

  // One seat and what is wanted of it now, read when its turn comes: other seats, which
  // another tab may have chosen, are not spoken of.
  form.addEventListener("htmx:configRequest", ({ detail }) => {
    const box = detail.triggeringEvent?.target;
    if (box?.name !== "seats") return;
    const token = form.elements.csrfmiddlewaretoken.value;
    detail.parameters = { csrfmiddlewaretoken: token, seat: box.value, wanted: String(box.checked) };
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const box = detail.requestConfig.triggeringEvent?.target;
    if (box?.name === "seats") {
      waiting.set(box.value, waiting.get(box.value) - 1);
      box.parentElement.classList.toggle("asking", waiting.get(box.value) > 0);
    }
    const states = document.getElementById("states");
    if (states) {
      apply(JSON.parse(states.textContent));
      form.elements.version.value = document.getElementById("changes").dataset.version;
      states.remove();
    } else if (box?.name === "seats" && !waiting.get(box.value)) {
      setState(box, stateOf(box)); // It failed: as it was.
    }
  });

  // Another tab or a phone may have changed the hold meanwhile.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") htmx.trigger("#panel", "look-again");
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) htmx.trigger("#panel", "look-again");
  });

  // --- Arrow keys: one tab stop for the whole cabin -------------------------------------------
  const rows = [...form.querySelectorAll("fieldset")].map((row) => [...row.querySelectorAll("input")]);
  const middle = (box) => {
    const { left, width } = box.getBoundingClientRect();
    return left + width / 2;
  };
  const nearest = (row, x) =>
    row?.reduce((best, box) => (Math.abs(middle(box) - x) < Math.abs(middle(best) - x) ? box : best));
  const neighbour = (box, key) => {
    const at = rows.findIndex((row) => row.includes(box));
    const row = rows[at];
    const index = row.indexOf(box);
    switch (key) {
      case "ArrowLeft": return row[index - 1];
      case "ArrowRight": return row[index + 1];
      case "ArrowUp": return nearest(rows[at - 1], middle(box));
      case "ArrowDown": return nearest(rows[at + 1], middle(box));
      case "Home": return row[0];
      case "End": return row.at(-1);
    }
  };
  let stop = boxes.find((box) => box.checked) ?? boxes.find((box) => !box.dataset.state) ?? boxes[0];
  for (const box of boxes) box.tabIndex = box === stop ? 0 : -1;

  form.addEventListener("focusin", ({ target }) => {
    if (target.name !== "seats" || target === stop) return;
    stop.tabIndex = -1;
    target.tabIndex = 0;
    stop = target;
  });
  form.addEventListener("keydown", (event) => {
    if (event.target.name !== "seats" || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(event.target, event.key);
    if (!next) {
      if (event.key.startsWith("Arrow")) event.preventDefault();
      return;
    }
    event.preventDefault();
    next.focus();
  });
})();
