// Who sits where on a flight, as it changes; a click asks for a seat's history.
(() => {
  "use strict";
  const form = document.getElementById("seats");
  const boxes = [...form.querySelectorAll("input[name=seats]")];
  const reason = document.getElementById("block-reason");

  // --- How every seat stands: told by the part of the page that is fetched again ---------------
  const draw = () => {
    const seats = JSON.parse(document.getElementById("occupants").textContent);
    for (const box of boxes) {
      const [state, text] = seats[box.value] ?? ["", "available"];
      if (state) box.dataset.state = state;
      else delete box.dataset.state;
      box.parentElement.querySelector("i").textContent = text;
    }
  };
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id === "now") draw();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    // Signed out in the meantime: the answer is the login page.
    if (xhr.responseURL && new URL(xhr.responseURL).pathname !== pathInfo.requestPath) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });

  // --- The stream says that something changed; who it was is asked for, once for many changes --
  const GATHER_MS = 150;
  let gathering = 0;
  const look = () => {
    if (gathering) return;
    gathering = setTimeout(() => {
      gathering = 0;
      htmx.trigger("#now", "look");
    }, GATHER_MS);
  };
  const hearOfFlight = (layout) => {
    if (layout !== form.dataset.layout) location.reload();
    else look();
  };
  document.addEventListener("DOMContentLoaded", () => {
    live.watch(form.dataset.live, { map: look, seats: look, flight: hearOfFlight });
  });

  // --- Clicks -----------------------------------------------------------------------------
  document.getElementById("plane").addEventListener("htmx:configRequest", ({ detail }) => {
    detail.parameters = { seat: detail.triggeringEvent.target.value };
  });
  // Seats can be unblocked without a reason.
  reason?.form.addEventListener("click", ({ target }) => {
    if (target.type === "submit") reason.required = !target.hasAttribute("formaction");
  });
})();
