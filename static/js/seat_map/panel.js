// The panel beside the map: every request of this page answers with it, and it is fetched when the
// hold has a version that this page does not have, once.
(() => {
  "use strict";
  const { seats } = seatMap;
  const hold = () => document.getElementById("hold")?.value ?? "";
  const version = () => Number(seats.form.elements.version.value);

  let inFlight = 0;
  let newest = 0;
  const compare = () => {
    if (inFlight || seats.isAnyWaiting() || newest <= version()) return;
    newest = 0;
    htmx.trigger("#panel", "look-again");
  };
  // The version that the hold has now; null is one that nobody here knows.
  const hear = (told) => {
    newest = Math.max(newest, told ?? Infinity);
    compare();
  };
  const lookAgain = () => hear(null);
  // Without an answer nobody here knows whether it was done: the panel is asked until it says so.
  const SHORTEST_WAIT = 500;
  const LONGEST_WAIT = 15_000;
  let wait = SHORTEST_WAIT;
  const lookAgainLater = () => {
    newest = Infinity;
    setTimeout(compare, wait * (1 + Math.random()));
    wait = Math.min(2 * wait, LONGEST_WAIT);
  };
  // Another tab or a phone may have changed the hold meanwhile.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") lookAgain();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) lookAgain();
  });

  // The target that was asked for; an answer may choose another one, to say what went wrong.
  const isPanels = ({ requestConfig }) => requestConfig.target.id === "panel";
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (!isPanels(detail)) return;
    inFlight += 1;
    detail.xhr.askedAt = performance.now();
  });
  // An answer that brings nothing new leaves the panel and its notice alone.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (!isPanels(detail) || detail.requestConfig.elt.id !== "panel") return;
    const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
    const changes = answer.getElementById("changes");
    if (!changes || answer.querySelector(".notice")) return;
    const isSame =
      Number(changes.dataset.version) === version() &&
      (answer.getElementById("hold")?.value ?? "") === hold() &&
      changes.hasAttribute("data-frozen") === seats.isFrozen();
    if (!isSame) return;
    detail.shouldSwap = false;
    seats.take(JSON.parse(answer.getElementById("states").textContent), detail.xhr.askedAt);
  });
  const tellOfLost = (before) => {
    const gone = before.filter((seat) => !seats.mine.has(seat));
    if (gone.length && seats.mine.size) site.say(`You gave ${gone.join(", ")} back in another window.`);
  };
  const settle = (detail) => {
    const states = document.getElementById("states");
    if (!states) return;
    const changes = document.getElementById("changes");
    const before = [...seats.mine];
    seats.freeze(changes.hasAttribute("data-frozen"));
    seats.take(JSON.parse(states.textContent), detail.xhr.askedAt);
    for (const field of document.getElementsByName("version")) field.value = changes.dataset.version;
    states.remove();
    if (detail.requestConfig.elt.id === "panel") tellOfLost(before);
    seatMap.stream.follow();
  };
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!isPanels(detail)) return;
    const box = detail.requestConfig.triggeringEvent?.target;
    const isSeat = box?.name === "seats";
    inFlight -= 1;
    if (isSeat) seats.countWaiting(box, -1);
    settle(detail);
    if (isSeat) seats.settle(box); // If it failed: as it was.
    if (!inFlight) seats.forgetHeard();
    if (site.hasFailed(detail)) return lookAgainLater();
    wait = SHORTEST_WAIT;
    compare();
  });

  seatMap.panel = { hold, hear, lookAgain, isAnswerDue: () => inFlight > 0 };
})();
