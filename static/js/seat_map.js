// The seat map: one request for each click, and seats that change hands before one's eyes.
(() => {
  "use strict";
  const form = document.getElementById("seats");
  const boxes = [...form.querySelectorAll("input[name=seats]")];
  const WORDS = { available: "available", mine: "yours", held: "held by someone else", booked: "taken" };
  const FROZEN = "Nothing can be changed on this map now.";

  // --- How every seat stands --------------------------------------------------------------
  // What was told last, and what of it is shown: a seat with a click that is not answered yet
  // stays as the traveller made it.
  const told = new Map();
  const mine = new Set();
  const waiting = new Map();

  const draw = (box, moves = false) => {
    const state = mine.has(box.value) ? "mine" : told.get(box.value) ?? "available";
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
  };
  const asDrawnByTheServer = (box) => {
    if (box.defaultChecked) mine.add(box.value);
    told.set(box.value, box.defaultChecked ? "held" : box.dataset.state ?? "available");
    box.disabled = false;
    draw(box);
    allow(box);
  };
  form.addEventListener("animationend", ({ target }) => {
    target.closest(".seat")?.classList.remove("sits-down", "gets-up");
  });

  // --- What the server answers: it alone knows which seats are mine -------------------------
  const hold = () => document.getElementById("hold")?.value ?? "";
  const version = () => Number(form.elements.version.value);
  // What the stream said while an answer was on its way may be newer than the answer.
  let heard = [];

  const take = (states, askedAt) => {
    mine.clear();
    told.clear();
    for (const [seat, state] of Object.entries(states)) {
      if (state === "mine") mine.add(seat);
      told.set(seat, state === "mine" ? "held" : state);
    }
    heard = heard.filter(({ at }) => at >= askedAt);
    for (const { changes } of heard) for (const seat in changes) told.set(seat, changes[seat]);
    boxes.forEach((box) => draw(box));
  };

  // --- What the stream says -----------------------------------------------------------------
  // To the stream a seat of mine is a held one. If it stays anything else, the panel says why.
  // Usually the hold's own event was faster.
  const DOUBT_MS = 500;
  let doubt = 0;
  const lookForLost = () => {
    if ([...mine].some((seat) => told.get(seat) !== "held")) lookAgain();
  };
  const hear = (changes) => {
    for (const box of boxes) {
      if (!(box.value in changes)) continue;
      told.set(box.value, changes[box.value]);
      draw(box, true);
    }
    if (inFlight) heard.push({ at: performance.now(), changes });
    clearTimeout(doubt);
    doubt = setTimeout(lookForLost, DOUBT_MS);
  };
  const hearAll = (map) =>
    hear(Object.fromEntries(boxes.map(({ value }) => [value, map[value] ?? "available"])));

  // The panel is fetched when the hold has a version that this page does not have, once.
  let inFlight = 0;
  let newest = 0;
  const lookAgain = () => {
    newest = Infinity;
    compare();
  };
  const compare = () => {
    const isBusy = inFlight || [...waiting.values()].some((count) => count > 0);
    if (isBusy || newest <= version()) return;
    newest = 0;
    htmx.trigger("#panel", "look-again");
  };
  const hearOfHold = (told) => {
    newest = Math.max(newest, told ?? Infinity);
    compare();
  };

  // Staff closed the flight, or gave it another aircraft, whose seats are not on this map.
  const hearOfFlight = (layout) => {
    if (layout === form.dataset.layout) lookAgain();
    else location.reload();
  };

  // Tabs of one browser share a hold; the first that has one tells the others.
  const tabs = new BroadcastChannel("hold");
  tabs.onmessage = ({ data }) => {
    if (data.flight === form.dataset.live && data.hold !== hold()) lookAgain();
  };
  let followed = null;
  const follow = () => {
    if (followed === hold()) return;
    if (followed !== null) tabs.postMessage({ flight: form.dataset.live, hold: hold() });
    followed = hold();
    live.watch(form.dataset.live + (followed && `?booking=${followed}`), {
      map: hearAll, seats: hear, booking: hearOfHold, flight: hearOfFlight,
    });
  };

  // --- Clicks ---------------------------------------------------------------------------
  form.addEventListener("click", (event) => {
    const box = event.target;
    if (box.name !== "seats" || !box.hasAttribute("aria-disabled")) return;
    event.preventDefault();
    site.say(box.dataset.state ? `Seat ${box.value} is ${WORDS[box.dataset.state]}.` : FROZEN);
  });
  form.addEventListener("change", ({ target }) => {
    if (target.name !== "seats") return;
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

  // --- Requests of this page: all of them answer with the panel ------------------------------
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
    const isSame = Number(changes.dataset.version) === version()
      && (answer.getElementById("hold")?.value ?? "") === hold()
      && changes.hasAttribute("data-frozen") === isFrozen();
    if (!isSame) return;
    detail.shouldSwap = false;
    take(JSON.parse(answer.getElementById("states").textContent), detail.xhr.askedAt);
  });
  const tellOfLost = (before) => {
    const gone = before.filter((seat) => !mine.has(seat));
    if (gone.length && mine.size) site.say(`You gave ${gone.join(", ")} back in another window.`);
  };
  const settle = (detail) => {
    const states = document.getElementById("states");
    if (!states) return;
    const changes = document.getElementById("changes");
    const before = [...mine];
    freeze(changes.hasAttribute("data-frozen"));
    take(JSON.parse(states.textContent), detail.xhr.askedAt);
    for (const field of document.getElementsByName("version")) field.value = changes.dataset.version;
    states.remove();
    if (detail.requestConfig.elt.id === "panel") tellOfLost(before);
    follow();
  };
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!isPanels(detail)) return;
    const box = detail.requestConfig.triggeringEvent?.target;
    inFlight -= 1;
    if (box?.name === "seats") {
      waiting.set(box.value, waiting.get(box.value) - 1);
      box.parentElement.classList.toggle("asking", waiting.get(box.value) > 0);
    }
    settle(detail);
    if (box?.name === "seats") draw(box); // If it failed: as it was.
    if (!inFlight) heard = [];
    compare();
  });

  // Another tab or a phone may have changed the hold meanwhile.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") lookAgain();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) lookAgain();
  });

  // Who clicks faster than scripts load is heard too, when htmx has begun to listen.
  const early = boxes.filter((box) => box.checked !== box.defaultChecked);
  boxes.forEach(asDrawnByTheServer);
  document.addEventListener("DOMContentLoaded", () => {
    for (const box of early) if (box.state === "available" || box.state === "mine") box.click();
    follow();
  });
})();
