// The booking page: fetched again when the stream says that the booking changed. While the
// stream is not connected, htmx asks every two seconds instead.
(() => {
  "use strict";
  const shown = () => document.getElementById("booking");
  // The highest version told of. One request at a time, and nothing told meanwhile is forgotten.
  let newest = 0;
  let asking = false;

  const look = () => {
    if (!asking) htmx.trigger(shown(), "look");
  };
  const compare = () => {
    if (newest > Number(shown().dataset.version)) look();
  };
  const hear = (version) => {
    newest = Math.max(newest, version ?? Infinity);
    compare();
  };
  live.watch(shown().dataset.live, { open: () => hear(null), booking: hear });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, requestConfig } = event.detail;
    if (requestConfig.target.id !== "booking") return;
    // Only the poll has no event that triggered it.
    if (!requestConfig.triggeringEvent && live.isConnected()) return event.preventDefault();
    asking = true;
    if (elt.id === "booking") newest = 0;
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.target.id !== "booking") return;
    asking = false;
    compare();
  });
  // Only now does htmx listen on what it has just put in.
  document.addEventListener("htmx:afterSettle", compare);

  // A fare that is chosen while another is being asked for, or before htmx listens: asked for then.
  let wanted = null;
  const chooses = ({ target }) => {
    if (target.name === "fare") wanted = target.id;
  };
  document.addEventListener("change", chooses, true);
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.elt.matches(".fares")) wanted = null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const radio = wanted && document.getElementById(wanted);
    wanted = null;
    if (!radio || radio.defaultChecked) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Whoever has scrolled to the button sees what became of it.
  let before = shown().dataset.state;
  document.addEventListener("htmx:afterSwap", () => {
    if (shown().dataset.state === before) return;
    before = shown().dataset.state;
    shown().focus({ preventScroll: true });
    scrollTo(0, 0);
  });

  // What is typed stays, whatever is drawn anew around it; who travels, also when the seats have
  // to be held again, until they are paid for. The code is remembered nowhere.
  const KEY = "who-travels";
  const TYPED = ".pay input:not([type=hidden]), .who input:not([type=hidden])";
  const recall = () => {
    try {
      return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
    } catch {
      return [];
    }
  };
  const typed = new Map(recall());
  const remember = (entries) => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(entries.filter(([name]) => name !== "code")));
    } catch {
      // A browser that keeps nothing.
    }
  };
  const fill = () => {
    if (shown().dataset.state === "CONFIRMED") remember([]);
    for (const field of shown().querySelectorAll(TYPED)) {
      const said = typed.get(field.name);
      if (said === undefined) continue;
      if (field.type === "radio") field.checked = field.value === said;
      else field.value ||= said;
      if (field.value && field.closest("details")) field.closest("details").open = true;
    }
  };
  document.addEventListener("input", ({ target }) => {
    if (!target.matches(TYPED)) return;
    typed.set(target.name, target.value);
    remember([...typed]);
  });
  document.addEventListener("htmx:afterSwap", fill);
  fill();
})();
