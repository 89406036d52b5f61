// The grid of samples: only what is on screen, and a little around it, is in the page.
"use strict";

const Grid = (() => {
  const GAP = 10; // pixels, all of these
  const LEAST_WIDTH = 168;
  const TEXT_HEIGHT = 58;
  const AROUND = 3; // rows kept above and below the screen
  const cells = new Map(); // place in the list -> its element

  let place = null;
  let rows = [];
  let address = () => "#";
  let worth = () => "";
  let columns = 1;
  let width = LEAST_WIDTH;
  let height = 200;
  let waiting = false;

  function attach(at) {
    place = at;
    window.addEventListener("scroll", soon, { passive: true });
    new ResizeObserver(() => resize()).observe(at);
    at.addEventListener("keydown", walk);
  }

  /** Show other samples; `link` gives the address that opens one, `figure` a short text beside its outcome. */
  function show(list, link, figure) {
    rows = list;
    address = link;
    worth = figure;
    const focused = placeOf(document.activeElement);
    for (const cell of cells.values()) cell.remove();
    cells.clear();
    resize();
    if (focused !== null) focus(Math.min(focused, rows.length - 1));
  }

  function resize() {
    const room = place.clientWidth;
    columns = Math.max(Math.floor((room + GAP) / (LEAST_WIDTH + GAP)), Math.min(2, Math.floor(room / 130)), 1);
    width = Math.floor((room - GAP * (columns - 1)) / columns);
    height = Math.min(width, 220) + TEXT_HEIGHT;
    place.style.height = `${Math.max(Math.ceil(rows.length / columns) * (height + GAP) - GAP, 0)}px`;
    for (const [i, cell] of cells) lay(cell, i);
    render();
  }

  function soon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      render();
    });
  }

  function render() {
    const top = -place.getBoundingClientRect().top;
    const step = height + GAP;
    const first = Math.max(Math.floor(top / step) - AROUND, 0) * columns;
    const last = Math.min((Math.ceil((top + window.innerHeight) / step) + AROUND) * columns, rows.length);
    for (const [i, cell] of cells) {
      if ((i < first || i >= last) && !cell.contains(document.activeElement)) {
        cell.remove();
        cells.delete(i);
      }
    }
    const fresh = document.createDocumentFragment();
    let next = null; // the cell that what is fresh comes before
    for (let i = last - 1; i >= first; i--) {
      if (cells.has(i)) {
        place.insertBefore(fresh, next);
        next = cells.get(i);
      } else {
        const cell = made(i);
        cells.set(i, cell);
        fresh.prepend(cell);
      }
    }
    place.insertBefore(fresh, next);
  }

  function made(i) {
    const row = rows[i];
    const { id, state, line, picture } = Data.index;
    const shown = picture[row]
      ? element("img", { src: `thumbnails/${picture[row]}`, alt: "", decoding: "async", draggable: "false" })
      : element("span", { class: "no-picture" }, "no picture");
    const head = element("span", { class: "cell-head" },
      element("span", { class: `state ${state[row]}` }, state[row]), element("span", { class: "worth" }, worth(row)));
    const link = element("a", { class: "cell", href: address(row), "data-place": i },
      element("span", { class: "frame" }, shown), head,
      element("bdi", { class: "line" }, visible(line[row])), element("bdi", { class: "id" }, visible(id[row])));
    const item = element("div", {
      class: "item", role: "listitem", "aria-posinset": i + 1, "aria-setsize": rows.length }, link);
    lay(item, i);
    return item;
  }

  function lay(item, i) {
    item.style.width = `${width}px`;
    item.style.height = `${height}px`;
    item.style.left = `${(i % columns) * (width + GAP)}px`;
    item.style.top = `${Math.floor(i / columns) * (height + GAP)}px`;
  }

  function placeOf(target) {
    const cell = target && target.closest ? target.closest(".cell") : null;
    return cell ? Number(cell.dataset.place) : null;
  }

  /** Bring the sample at a place of the list on screen, and focus it. */
  function focus(i) {
    if (i < 0 || i >= rows.length) return;
    const step = height + GAP;
    const top = place.getBoundingClientRect().top + Math.floor(i / columns) * step;
    const head = document.querySelector(".toolbar").getBoundingClientRect().bottom;
    if (top < head) window.scrollBy({ top: top - head - GAP, behavior: "instant" });
    else if (top + height > window.innerHeight) {
      window.scrollBy({ top: top + height + GAP - window.innerHeight, behavior: "instant" });
    }
    render();
    const item = cells.get(i);
    if (item) item.firstElementChild.focus({ preventScroll: true });
    soon(); // the cell that had the focus before may now go
  }

  /** Arrow keys, Home and End move between the cells. */
  function walk(event) {
    const from = placeOf(event.target);
    if (from === null || event.altKey || event.ctrlKey || event.metaKey) return;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    let to = from + (steps[event.key] || 0);
    if (event.key === "Home") to = 0;
    if (event.key === "End") to = rows.length - 1;
    if (to === from || to < 0 || to >= rows.length) return;
    event.preventDefault();
    focus(to);
  }

  return { attach, show, focus };
})();
