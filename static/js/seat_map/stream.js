// What the stream says of the flight and of the hold, and which hold it is asked about.
(() => {
  "use strict";
  const { seats, panel } = seatMap;

  // If a seat of mine went, the panel says why. Usually the hold's own event was faster.
  const DOUBT_MS = 500;
  let doubt = 0;
  const lookForLost = () => {
    if (seats.isAnyLost()) panel.lookAgain();
  };
  const hear = (changes) => {
    seats.hear(changes, panel.isAnswerDue());
    clearTimeout(doubt);
    doubt = setTimeout(lookForLost, DOUBT_MS);
  };
  const hearAll = (map) => hear(Object.fromEntries(seats.boxes.map(({ value }) => [value, map[value] ?? "available"])));

  // Staff closed the flight, or gave it another aircraft, whose seats are not on this map.
  const hearOfFlight = (layout) => {
    if (layout === seats.form.dataset.layout) panel.lookAgain();
    else location.reload();
  };

  // Tabs of one browser share a hold; the first that has one tells the others.
  const flight = seats.form.dataset.live;
  const tabs = new BroadcastChannel("hold");
  tabs.onmessage = ({ data }) => {
    if (data.flight === flight && data.hold !== panel.hold()) panel.lookAgain();
  };
  let followed = null;
  const follow = () => {
    const hold = panel.hold();
    if (followed === hold) return;
    if (followed !== null) tabs.postMessage({ flight, hold });
    followed = hold;
    // What the last stream said may be of before the hold; the next one begins with the whole map.
    clearTimeout(doubt);
    live.watch(flight + (hold && `?booking=${hold}`), {
      map: hearAll,
      seats: hear,
      booking: panel.hear,
      flight: hearOfFlight,
    });
  };

  seatMap.stream = { follow };
})();
