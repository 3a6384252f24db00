// A finger cannot hover: its first tap shows what a seat is and costs, with one button to hold it or
// to give it back. Mouse and keyboard, which see that before, need no second step; a laptop may have
// all of them, so each click is asked what made it.
(() => {
  "use strict";
  const { form } = seatMap.seats;
  const sheet = document.getElementById("touched");
  const words = sheet.querySelector("p");
  const act = document.getElementById("touched-act");
  let touched = null;
  let isAgreed = false;

  // Drawn anew with the map, which others change meanwhile.
  const draw = () => {
    if (!touched) return;
    const { textContent } = touched.parentElement.querySelector(".card");
    if (words.textContent !== textContent) words.textContent = textContent;
    act.textContent = touched.state === "mine" ? `Give ${touched.value} back` : `Hold ${touched.value}`;
    act.hidden = touched.hasAttribute("aria-disabled");
  };
  const show = (box) => {
    touched?.removeAttribute("data-touched");
    touched = box;
    touched?.setAttribute("data-touched", "");
    sheet.hidden = !touched;
    draw();
    touched?.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    const box = touched;
    show(null);
    box?.focus({ preventScroll: true });
  };
  form.addEventListener("drawn", draw);

  let pointer = "";
  form.addEventListener("pointerdown", ({ pointerType }) => {
    pointer = pointerType;
  });
  form.addEventListener("keydown", () => {
    pointer = "";
  });
  form.addEventListener(
    "click",
    (event) => {
      if (event.target.name !== "seats" || isAgreed) return;
      if (pointer !== "touch") return show(null);
      event.preventDefault();
      show(event.target);
      (act.hidden ? sheet : act).focus({ preventScroll: true });
    },
    true,
  );
  act.addEventListener("click", () => {
    const box = touched;
    close();
    isAgreed = true;
    box.click();
    isAgreed = false;
  });
  sheet.querySelector(".close").addEventListener("click", close);
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") close();
  });

  seatMap.touch = { show };
})();
