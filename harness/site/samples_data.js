// The samples of the page in columns: received as JSON text from scripts, filtered, counted, sorted.
"use strict";

const Data = (() => {
  const waiting = new Map(); // name of a part -> {promise, take}
  const orders = new Map(); // name of a sort -> places of all samples in that order
  let index = null;
  let searched = null; // {texts, rows}, read at the first search
  let query = "";
  let hits = null; // 1 for each sample that the query is in

  const SORTS = {
    "": ["order of the data", null],
    value: ["value, lowest first", (a, b) => compare(index.value, a, b, 1)],
    "-value": ["value, highest first", (a, b) => compare(index.value, a, b, -1)],
    "-seconds": ["time, slowest first", (a, b) => compare(index.seconds, a, b, -1)],
    seconds: ["time, fastest first", (a, b) => compare(index.seconds, a, b, 1)],
    "-tokens": ["tokens written, most first", (a, b) => compare(index.tokens, a, b, -1)],
    id: ["id", (a, b) => COLLATOR.compare(index.id[a], index.id[b])],
  };
  const COLLATOR = new Intl.Collator("en", { numeric: true });

  /** Compare two samples by a column; what has no value comes last either way. */
  function compare(column, a, b, sign) {
    if (column[a] === null || column[b] === null) return (column[a] === null) - (column[b] === null);
    return sign * (column[a] - column[b]);
  }

  /** A part of the data, by its name; read from disk when it is asked for first. */
  function part(name) {
    if (!waiting.has(name)) {
      const entry = {};
      entry.promise = new Promise((take, fail) => {
        entry.take = take;
        if (name === "index") return; // the page itself names it
        const script = document.createElement("script");
        script.src = `data/${name}.js`;
        script.onerror = () => {
          waiting.delete(name);
          fail(new Error(`data/${name}.js is not there: copy the whole folder of the report.`));
        };
        document.head.append(script);
      });
      waiting.set(name, entry);
    }
    return waiting.get(name).promise;
  }

  function take(name, text) {
    part(name);
    waiting.get(name).take(JSON.parse(text));
  }

  async function start() {
    index = await part("index");
    index.facets.forEach(layOut);
    index.place = new Map(index.id.map((id, place) => [id, place]));
    return index;
  }

  /** A facet's values of all samples end to end, which takes less room and time than lists of lists. */
  function layOut(facet) {
    facet.starts = new Uint32Array(facet.rows.length + 1);
    facet.rows.forEach((row, i) => { facet.starts[i + 1] = facet.starts[i] + row.length; });
    facet.items = Uint16Array.from(facet.rows.flat());
    facet.place = new Map(facet.values.map((value, i) => [value, i]));
    delete facet.rows;
  }

  function order(sort) {
    if (!orders.has(sort)) {
      const places = Uint32Array.from(index.id.keys());
      const [, by] = SORTS[sort];
      orders.set(sort, by ? places.sort((a, b) => by(a, b) || a - b) : places);
    }
    return orders.get(sort);
  }

  /** Note which samples hold a text, in any of their texts and in small or capital letters. */
  async function search(text) {
    const wanted = text.toLowerCase();
    if (wanted && !searched) searched = await part("texts");
    if (wanted === query) return;
    query = wanted;
    if (!wanted) {
      hits = null;
      return;
    }
    const found = searched.texts.map((one) => one.includes(wanted));
    hits = Uint8Array.from(searched.rows, (row) => Number(row.some((i) => found[i])));
  }

  /** The samples that pass every filter, and how many each value of each facet would leave.
   *
   * `chosen`: facet's key -> values, of which a sample needs one. A facet's counts are those of samples that
   * pass all the other filters, so that they say what choosing a value would show.
   */
  function filtered(chosen, sort) {
    const facets = index.facets;
    const wanted = facets.map((facet) => mask(facet, chosen.get(facet.key)));
    const counts = facets.map((facet) => new Uint32Array(facet.values.length));
    const rows = [];
    for (const row of order(sort)) {
      if (hits && !hits[row]) continue;
      let failing = -1;
      let fails = 0;
      for (let f = 0; f < facets.length && fails < 2; f++) {
        if (wanted[f] && !passes(facets[f], wanted[f], row)) {
          failing = f;
          fails++;
        }
      }
      if (fails === 0) {
        rows.push(row);
        facets.forEach((facet, f) => count(facet, counts[f], row));
      } else if (fails === 1) {
        count(facets[failing], counts[failing], row);
      }
    }
    return { rows, counts };
  }

  function mask(facet, values) {
    if (!values || !values.size) return null;
    const chosen = new Uint8Array(facet.values.length);
    for (const value of values) {
      if (facet.place.has(value)) chosen[facet.place.get(value)] = 1;
    }
    return chosen;
  }

  function passes(facet, wanted, row) {
    for (let i = facet.starts[row]; i < facet.starts[row + 1]; i++) {
      if (wanted[facet.items[i]]) return true;
    }
    return false;
  }

  function count(facet, counts, row) {
    for (let i = facet.starts[row]; i < facet.starts[row + 1]; i++) counts[facet.items[i]]++;
  }

  /** Everything of one sample. */
  async function sample(row) {
    const name = String(Math.floor(row / index.chunk)).padStart(4, "0");
    return (await part(name))[row % index.chunk];
  }

  return { SORTS, take, start, search, filtered, sample, get index() { return index; } };
})();

/** Called by every script below data/. */
function receive(name, text) {
  Data.take(name, text);
}
