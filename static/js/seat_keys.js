// Arrow keys over the cabin, which is one tab stop.
(() => {
  "use strict";
  const form = document.getElementById("seats");
  const boxes = [...form.querySelectorAll("input[name=seats]")];
  const rows = [...form.querySelectorAll("fieldset")].map((row) => [...row.querySelectorAll("input")]);
  const middle = (box) => {
    const { left, width } = box.getBoundingClientRect();
    return left + width / 2;
  };
  const nearest = (row, x) =>
    row?.reduce((best, box) => (Math.abs(middle(box) - x) < Math.abs(middle(best) - x) ? box : best));
  // In the list every seat stands below the one before it.
  const isList = () => document.getElementById("view-list")?.checked;
  const neighbour = (box, key) => {
    const at = rows.findIndex((row) => row.includes(box));
    const row = rows[at];
    const index = row.indexOf(box);
    if (isList() && (key === "ArrowUp" || key === "ArrowDown")) {
      return boxes[boxes.indexOf(box) + (key === "ArrowUp" ? -1 : 1)];
    }
    switch (key) {
      case "ArrowLeft":
        return row[index - 1];
      case "ArrowRight":
        return row[index + 1];
      case "ArrowUp":
        return nearest(rows[at - 1], middle(box));
      case "ArrowDown":
        return nearest(rows[at + 1], middle(box));
      case "Home":
        return row[0];
      case "End":
        return row.at(-1);
    }
  };
  let stop = boxes.find((box) => box.checked) ?? boxes.find((box) => !box.dataset.state) ?? boxes[0];
  for (const box of boxes) box.tabIndex = box === stop ? 0 : -1;

  form.addEventListener("focusin", ({ target }) => {
    if (target.name !== "seats" || target === stop) return;
    stop.tabIndex = -1;
    target.tabIndex = 0;
    stop = target;
  });
  form.addEventListener("keydown", (event) => {
    if (event.target.name !== "seats" || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = neighbour(event.target, event.key);
    if (!next) {
      if (event.key.startsWith("Arrow")) event.preventDefault();
      return;
    }
    event.preventDefault();
    next.focus();
  });
})();
