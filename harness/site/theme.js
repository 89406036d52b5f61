// The button that changes between light and dark. What was chosen is kept where the browser allows it.
"use strict";
(function () {
  const root = document.documentElement;
  const kept = {
    read() { try { return localStorage.getItem("rsbench-theme"); } catch (refused) { return null; } },
    write(theme) { try { localStorage.setItem("rsbench-theme", theme); } catch (refused) { /* for this page */ } },
  };
  function shown() {
    return root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }
  const before = kept.read();
  if (before === "light" || before === "dark") root.dataset.theme = before;
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("button.theme")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        root.dataset.theme = shown() === "dark" ? "light" : "dark";
        kept.write(root.dataset.theme);
      });
    }
  });
})();
