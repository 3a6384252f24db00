// The first page of the back office refreshes its parts; never under somebody's hands.
(() => {
  const isInUse = (part) => {
    const selection = document.getSelection();
    return (
      document.hidden ||
      part.contains(document.activeElement) ||
      (!selection.isCollapsed && part.contains(selection.anchorNode))
    );
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isInUse(event.detail.elt)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo, elt } = event.detail;
    // Signed out in the meantime: the answer is the login page, which belongs in no part.
    if (xhr.responseURL && new URL(xhr.responseURL).pathname !== pathInfo.requestPath) {
      event.detail.shouldSwap = false;
      location.reload();
    } else if (isInUse(elt)) {
      event.detail.shouldSwap = false;
    }
  });
})();
