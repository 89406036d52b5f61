// The page of samples: the address says what is chosen, and everything else follows from it.
"use strict";

(() => {
  const ask = (id) => document.getElementById(id);
  let choice = null;
  let rows = [];
  let typing = 0;

  async function begin() {
    const index = await Data.start();
    for (const [key, [words]] of Object.entries(Data.SORTS)) {
      ask("sort").append(element("option", { value: key }, words));
    }
    ask("figure").append("Outcomes and values are those of each sample on its own, under ",
      element("bdi", {}, visible(index.figure)), ".");
    Filters.draw(ask("facets"), tick);
    Grid.attach(ask("grid"));
    Opened.attach((row) => (row === null ? shut() : turnTo({ ...choice, sample: index.id[row] }, Opened.row !== null)));
    ask("sort").addEventListener("change", () => turnTo({ ...choice, sort: ask("sort").value }, true));
    ask("search").addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => turnTo({ ...choice, q: ask("search").value }, true), 120);
    });
    window.addEventListener("hashchange", () => {
      if (location.hash !== Choice.written(choice)) apply(Choice.read(location.hash));
    });
    document.addEventListener("keydown", searchKey);
    const wide = window.matchMedia("(min-width: 800px)"); // as in samples.css
    const unfold = () => { ask("facets-fold").open = wide.matches; };
    wide.addEventListener("change", unfold);
    unfold();
    await apply(Choice.read(location.hash));
  }

  function searchKey(event) {
    const writing = event.target.matches("input[type=search], textarea");
    if (event.key !== "/" || writing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (ask("opened").open) return;
    event.preventDefault();
    ask("search").focus();
    ask("search").select();
  }

  function tick(key, value, on) {
    const facets = new Map([...choice.facets].map(([name, values]) => [name, new Set(values)]));
    const values = facets.get(key) || new Set();
    if (on) values.add(value);
    else values.delete(value);
    if (values.size) facets.set(key, values);
    else facets.delete(key);
    turnTo({ ...choice, facets }, true);
  }

  /** Make a choice, and write it into the address: as a step of its own, or in place of the last one. */
  function turnTo(next, instead) {
    const written = Choice.written(next);
    const applied = apply(next);
    if (instead) history.replaceState(null, "", written);
    else location.hash = written;
    return applied;
  }

  function shut() {
    const place = Opened.place;
    turnTo({ ...choice, sample: null }, true);
    Grid.focus(Math.max(place, 0));
  }

  async function apply(next) {
    const before = choice;
    choice = next;
    const same = before && Choice.written(before, null) === Choice.written(next, null);
    if (!same) {
      try {
        await Data.search(choice.q);
      } catch (error) {
        ask("shown").textContent = error.message;
        return;
      }
      if (choice !== next) return; // another choice came meanwhile
      list();
    }
    if (choice.sample === null) return Opened.close();
    const row = Data.index.place.get(choice.sample);
    if (row === undefined) {
      Opened.close();
      ask("shown").textContent += ` There is no sample ${visible(choice.sample)}.`;
    } else await Opened.open(row, rows);
  }

  function list() {
    const found = Data.filtered(choice.facets, choice.sort);
    rows = found.rows;
    const shown = choice;
    Filters.update(choice, found.counts);
    Filters.chips(ask("chosen"), choice, tick, () => turnTo({ ...Choice.empty(), sort: choice.sort }, true));
    if (document.activeElement !== ask("search")) ask("search").value = choice.q;
    ask("sort").value = choice.sort;
    const all = Data.index.id.length;
    ask("shown").textContent = `${rows.length.toLocaleString("en")} of ${all.toLocaleString("en")} samples`;
    const link = (row) => Choice.written(shown, Data.index.id[row]);
    Grid.show(rows, link, shown.sort.endsWith("seconds") ? time : value);
  }

  function value(row) {
    const found = Data.index.value[row];
    return found === null ? "" : `${(100 * found).toFixed(0)}\u202f%`;
  }

  function time(row) {
    const found = Data.index.seconds[row];
    return found === null ? "" : `${found}\u202fs`;
  }

  begin();
})();
