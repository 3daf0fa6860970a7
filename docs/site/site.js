// What scrolls can be scrolled by keyboard, and what Furo leaves without a name has one
addEventListener("DOMContentLoaded", () => {
  for (const each of document.querySelectorAll(".table-wrapper, pre")) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
  }
  for (const each of document.querySelectorAll(".caption[role=heading]")) each.ariaLevel = "2";
  document.querySelector(".sidebar-drawer").ariaLabel = "Pages";
  document.querySelector(".toc-drawer").ariaLabel = "On this page";
});
