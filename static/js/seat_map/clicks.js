// Clicks on seats: one request for each, and a word for those that can do nothing.
(() => {
  "use strict";
  const { seats, stream, touch } = seatMap;
  const { form, boxes } = seats;
  const FROZEN = "Nothing can be changed on this map now.";

  form.addEventListener("click", (event) => {
    const box = event.target;
    if (box.name !== "seats" || !box.hasAttribute("aria-disabled")) return;
    event.preventDefault();
    site.say(box.dataset.state ? `Seat ${box.value} is ${seats.WORDS[box.dataset.state]}.` : FROZEN);
  });

  // One seat and what is wanted of it now, read when its turn comes: other seats, which
  // another tab may have chosen, are not spoken of.
  form.addEventListener("htmx:configRequest", ({ detail }) => {
    const box = detail.triggeringEvent?.target;
    if (box?.name !== "seats") return;
    const token = form.elements.csrfmiddlewaretoken.value;
    detail.parameters = { csrfmiddlewaretoken: token, seat: box.value, wanted: String(box.checked) };
  });

  const count = ({ target }) => {
    if (target.name === "seats") seats.countWaiting(target, 1);
  };
  // Who clicks faster than scripts load is heard too, now that htmx has begun to listen.
  document.addEventListener("DOMContentLoaded", () => {
    const early = boxes.filter((box) => box.checked !== box.defaultChecked);
    boxes.forEach(seats.asDrawnByTheServer);
    form.addEventListener("change", count, true);
    if (early.length && matchMedia("(pointer: coarse)").matches) touch.show(early.at(-1));
    else for (const box of early) if (box.state === "available" || box.state === "mine") box.click();
    stream.follow();
  });
})();
