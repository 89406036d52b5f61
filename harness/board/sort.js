// Heads that sort their table: once the better first, twice the other way, three times as printed.
"use strict";
(function () {
  const OTHER = { ascending: "descending", descending: "ascending" };
  const SAID = { ascending: "smallest first", descending: "largest first" };
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const status = document.getElementById("sorted");

  // What a row has in a column: a number where the cell says one, else its words; null for none, or a dash.
  function held(row, index) {
    const cell = row.cells[index];
    if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
    const said = cell.textContent.trim();
    return said === "" || said === "\u2013" ? null : said;
  }

  function compared(a, b) {
    return typeof a === "number" && typeof b === "number" ? a - b : words.compare(a, b);
  }

  // Rows without a figure come last, whichever way the others go; equal ones stay as printed.
  function arranged(rows, index, direction) {
    const sign = direction === "ascending" ? 1 : -1;
    const keyed = rows.map((row, place) => ({ row, place, key: held(row, index) }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.place - b.place;
      return sign * compared(a.key, b.key) || a.place - b.place;
    });
    return keyed.map((one) => one.row);
  }

  function prepare(table) {
    const body = table.tBodies[0];
    const printed = [...body.rows];
    const methods = printed.filter((row) => !row.classList.contains("group"));
    const heads = [...table.tHead.rows[0].cells];

    function sort(index, direction) {
      heads.forEach((head, place) => {
        if (place === index && direction) head.setAttribute("aria-sort", direction);
        else head.removeAttribute("aria-sort");
      });
      table.classList.toggle("sorted", Boolean(direction));
      body.append(...(direction ? arranged(methods, index, direction) : printed));
      const name = heads[index].textContent;
      status.textContent = direction ? `Sorted by ${name}, ${SAID[direction]}.` : "In the first order again.";
    }

    heads.forEach((head, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      const first = head.dataset.first || "descending";
      button.addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        sort(index, now === null ? first : now === first ? OTHER[first] : null);
      });
    });
  }

  document.querySelectorAll("table.sortable").forEach(prepare);
})();
