// What scrolls can be scrolled by keyboard
addEventListener("DOMContentLoaded", () => {
  for (const each of document.querySelectorAll(".table-wrapper, pre")) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
  }
});
