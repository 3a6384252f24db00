// How every seat of the map stands. Each file of this folder adds its part to `seatMap`; the parts
// call each other only in answer to events, when all of them are there.
(() => {
  "use strict";
  const form = document.getElementById("seats");
  const boxes = [...form.querySelectorAll("input[name=seats]")];
  const WORDS = { available: "available", mine: "yours", held: "held by someone else", booked: "taken" };

  // What was told last, and what of it is shown: a seat with a click that is not answered yet
  // stays as the customer made it.
  const told = new Map();
  const mine = new Set();
  const waiting = new Map();

  const draw = (box, moves = false) => {
    const state = mine.has(box.value) ? "mine" : (told.get(box.value) ?? "available");
    if (waiting.get(box.value)) return;
    box.checked = state === "mine";
    if (box.state === state) return;
    const label = box.parentElement;
    label.classList.remove("sits-down", "gets-up");
    if (moves && box.state !== "mine") label.classList.add(state === "available" ? "gets-up" : "sits-down");
    box.state = state;
    if (state === "held" || state === "booked") box.dataset.state = state;
    else delete box.dataset.state;
    label.querySelector("i").textContent = WORDS[state];
    allow(box);
    tell();
  };
  const tell = () => form.dispatchEvent(new Event("drawn"));
  // What was wanted of it did not happen: it is seen to be again as it was.
  const REFUSED_MS = 4000;
  const settle = (box) => {
    const wanted = box.checked;
    draw(box);
    if (box.checked === wanted) return;
    const { classList } = box.parentElement;
    classList.add("refused");
    setTimeout(() => classList.remove("refused"), REFUSED_MS);
  };
  // Not `disabled`, which would throw the focus away under somebody's fingers.
  const allow = (box) => {
    if (box.dataset.state || isFrozen()) box.setAttribute("aria-disabled", "true");
    else box.removeAttribute("aria-disabled");
  };
  const isFrozen = () => form.hasAttribute("data-frozen");
  const freeze = (isOn) => {
    if (isOn === isFrozen()) return;
    form.toggleAttribute("data-frozen", isOn);
    boxes.forEach(allow);
    tell();
  };
  const asDrawnByTheServer = (box) => {
    if (box.defaultChecked) mine.add(box.value);
    told.set(box.value, box.defaultChecked ? "held" : (box.dataset.state ?? "available"));
    box.disabled = false;
    draw(box);
    allow(box);
  };
  form.addEventListener("animationend", ({ target }) => {
    target.closest(".seat")?.classList.remove("sits-down", "gets-up");
  });

  // Clicks on a seat that are not answered yet: one more, or one fewer.
  const countWaiting = (box, change) => {
    const count = (waiting.get(box.value) ?? 0) + change;
    waiting.set(box.value, count);
    box.parentElement.classList.toggle("asking", count > 0);
  };
  const isAnyWaiting = () => [...waiting.values()].some((count) => count > 0);

  // What the stream said while an answer was on its way may be newer than the answer.
  let heard = [];
  const hear = (changes, isAnswerDue) => {
    for (const box of boxes) {
      if (!(box.value in changes)) continue;
      told.set(box.value, changes[box.value]);
      draw(box, true);
    }
    if (isAnswerDue) heard.push({ at: performance.now(), changes });
  };
  const forgetHeard = () => {
    heard = [];
  };

  // What the server answers: it alone knows which seats are mine.
  const take = (states, askedAt) => {
    mine.clear();
    told.clear();
    for (const [seat, state] of Object.entries(states)) {
      if (state === "mine") mine.add(seat);
      told.set(seat, state === "mine" ? "held" : state);
    }
    heard = heard.filter(({ at }) => at >= askedAt);
    for (const { changes } of heard) for (const seat in changes) told.set(seat, changes[seat]);
    for (const box of boxes) draw(box);
  };
  // To the stream a seat of mine is a held one.
  const isAnyLost = () => [...mine].some((seat) => told.get(seat) !== "held");

  window.seatMap = {
    seats: {
      form,
      boxes,
      WORDS,
      mine,
      settle,
      isFrozen,
      freeze,
      asDrawnByTheServer,
      countWaiting,
      isAnyWaiting,
      hear,
      forgetHeard,
      take,
      isAnyLost,
    },
  };
})();
