// What every page shares: the hold's clock, focus after a swap, failures, copy and print.
(() => {
  "use strict";
  // Buttons that only a script can answer are shown where one does.
  document.documentElement.classList.add("has-scripts");
  const MARKS = [300, 120, 60]; // seconds left that are said aloud
  const WARN = 120;

  const say = (text) => {
    if (text) document.getElementById("say").textContent = text;
  };
  const complain = (text) => {
    const message = document.getElementById("message");
    message.replaceChildren();
    if (text) message.append(Object.assign(document.createElement("p"), { textContent: text }));
  };
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-close]")) return;
    complain("");
    document.getElementById("main").focus({ preventScroll: true });
  });

  // --- The clock -----------------------------------------------------------------------
  // When the answer that carries a clock arrived, by the browser's own clock: so long ago.
  const [navigation] = performance.getEntriesByType("navigation") ?? [];
  let received = Date.now() - (navigation ? performance.now() - navigation.responseStart : 0);
  let lastLeft = Infinity;
  let askedAt = 0;

  const start = (clock) => {
    clock.offset = received - Number(clock.dataset.now) * 1000;
    lastLeft = Infinity;
  };
  const secondsLeft = (clock) => (Number(clock.dataset.due) * 1000 + clock.offset - Date.now()) / 1000;

  const announce = (left) => {
    const mark = MARKS.findLast((seconds) => left <= seconds && lastLeft > seconds);
    if (mark && lastLeft !== Infinity) say(`${mark / 60} ${mark === 60 ? "minute" : "minutes"} left to pay.`);
    lastLeft = left;
  };
  const show = (clock) => {
    const left = secondsLeft(clock);
    const whole = Math.max(0, Math.ceil(left));
    const text = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
    clock.classList.add("runs");
    const time = clock.querySelector("time");
    if (time.textContent !== text) time.textContent = text;
    clock.classList.toggle("soon", whole <= WARN);
    announce(left);
    // At zero the server says what happened. It has the last word, so ask until it has changed.
    if (left <= 0 && Date.now() - askedAt > 1000) {
      askedAt = Date.now();
      htmx.trigger(clock, "over");
    }
  };
  const tick = () => {
    for (const clock of document.querySelectorAll(".clock[data-due]")) {
      if (clock.offset === undefined) start(clock);
      show(clock);
    }
  };
  setInterval(tick, 200);
  document.addEventListener("DOMContentLoaded", tick);
  document.addEventListener("htmx:beforeOnLoad", () => {
    received = Date.now();
  });

  // What a button asks is never below the edge of the screen, nor of a panel that scrolls.
  const showWhole = ({ target }) => {
    if (target.open && target.matches(".ask"))
      target.querySelector(".sure .button").scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("toggle", showWhole, true);

  // --- Focus: what had it may be swapped away; then its region gets it --------------------
  let focusedIn = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    focusedIn = detail.target.contains(document.activeElement) ? detail.target.id : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const lost = document.activeElement === document.body || !document.activeElement;
    if (focusedIn && lost) document.getElementById(focusedIn)?.focus({ preventScroll: true });
    focusedIn = null;
    tick();
    for (const said of document.querySelectorAll("[data-say]")) {
      if (said.dataset.say === said.said) continue;
      said.said = said.dataset.say;
      say(said.said);
    }
  });

  // --- Failures: the page keeps what it shows. Of an answer that was lost nobody here knows more --
  const WORDS = {
    0: "We cannot reach the server. If this page does not show what you wanted, please try again.",
    403: "This page is no longer valid. Please load it again.",
    503: "Our booking system is away for the moment. Nothing was changed; please try again.",
  };
  const hasFailed = ({ failed, xhr }) => failed || xhr.status === 0;
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    // Polling and the type-ahead go on by themselves. Who asked may be swapped away by now, and the
    // event then be another element's.
    if (detail.requestConfig.elt.hasAttribute("data-quiet")) return;
    complain(
      hasFailed(detail) ? (WORDS[detail.xhr.status] ?? "Something went wrong on our side. Please try again.") : "",
    );
  });

  window.site = { say, complain, hasFailed };

  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return complain(`Your browser does not let us copy. Please select ${button.dataset.copy} and copy it yourself.`);
    }
    button.textContent = "Copied";
    say("Copied.");
  };
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-copy], [data-print]");
    if (button?.hasAttribute("data-print")) window.print();
    if (button?.dataset.copy) copy(button);
  });
})();
