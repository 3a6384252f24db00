// The stream of a page: what changed on its flight and on its booking, told by bookings/live/.
(() => {
  "use strict";
  const SHORTEST_WAIT = 1000;
  const LONGEST_WAIT = 15_000;
  let source = null;
  let address = "";
  let on = {};
  let wait = SHORTEST_WAIT;
  let timer = 0;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const open = () => {
    close();
    source = new EventSource(address);
    for (const [name, handle] of Object.entries(on)) {
      source.addEventListener(name, ({ data }) => handle(data ? JSON.parse(data) : null));
    }
    source.addEventListener("open", () => {
      wait = SHORTEST_WAIT;
    });
    source.addEventListener("error", comeBack);
  };
  // A connection that broke is opened again by the browser itself, a refused one is not. Not
  // everybody at the same moment.
  const comeBack = ({ target }) => {
    if (target !== source || source.readyState !== EventSource.CLOSED) return;
    timer = setTimeout(open, wait * (0.5 + Math.random()));
    wait = Math.min(2 * wait, LONGEST_WAIT);
  };

  // `handlers` by the event's name, "open" included. Called again, it moves to another address.
  const watch = (to, handlers) => {
    if (to === address) return;
    address = to;
    on = handlers;
    if (document.visibilityState === "visible") open();
  };
  // A page that nobody looks at listens to nothing: browsers open only six connections to a
  // server, and a seventh tab would wait for ever. On coming back the stream tells all of it.
  document.addEventListener("visibilitychange", () => {
    if (!address) return;
    if (document.visibilityState === "visible") open();
    else close();
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && address) open();
  });

  window.live = { watch, isConnected: () => source?.readyState === EventSource.OPEN };
})();
