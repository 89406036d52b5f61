// What is chosen: filters, search, sort and the opened sample, as the fragment of the address and as controls.
"use strict";

/** An element with attributes and children; texts become text, whatever they hold. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** A text with what cannot be seen made visible: control characters, and marks that turn the direction. */
function visible(text) {
  return text
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
      (c) => `[U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

const Choice = (() => {
  const empty = () => ({ facets: new Map(), q: "", sort: "", sample: null });

  function read(fragment) {
    const found = empty();
    for (const [key, value] of new URLSearchParams(fragment.replace(/^#/, ""))) {
      if (key === "q") found.q = value;
      else if (key === "sort") found.sort = Object.hasOwn(Data.SORTS, value) ? value : "";
      else if (key === "sample") found.sample = value;
      else if (Data.index.facets.some((facet) => facet.key === key)) {
        found.facets.set(key, (found.facets.get(key) || new Set()).add(value));
      }
    }
    return found;
  }

  /** The fragment of a choice, `#` included; that of the same choice with another sample, if one is given. */
  function written(choice, sample = choice.sample) {
    const parts = new URLSearchParams();
    for (const [key, values] of choice.facets) for (const value of values) parts.append(key, value);
    if (choice.q) parts.set("q", choice.q);
    if (choice.sort) parts.set("sort", choice.sort);
    if (sample !== null) parts.set("sample", sample);
    return `#${parts}`;
  }

  return { empty, read, written };
})();

const Filters = (() => {
  let boxes = []; // by facet, by value: {input, count, row}

  /** Draw a group of boxes to tick for every facet; `changed` is called with (key, value, whether). */
  function draw(place, changed) {
    boxes = Data.index.facets.map((facet) => {
      const list = element("div", { class: "values" });
      const made = facet.values.map((value) => {
        const input = element("input", { type: "checkbox" });
        const count = element("span", { class: "count" });
        const name = element("bdi", { class: "name", title: value }, visible(value));
        const row = element("label", { class: "value", "data-value": value }, input, name, count);
        input.addEventListener("change", () => changed(facet.key, value, input.checked));
        list.append(row);
        return { input, count, row };
      });
      const title = element("legend", {}, visible(facet.title));
      place.append(element("fieldset", { class: "facet", "data-key": facet.key }, title, list));
      return made;
    });
  }

  /** Show what is chosen, and how many samples every value would leave. */
  function update(choice, counts) {
    Data.index.facets.forEach((facet, f) => {
      const chosen = choice.facets.get(facet.key);
      boxes[f].forEach(({ input, count, row }, i) => {
        input.checked = Boolean(chosen && chosen.has(facet.values[i]));
        const shown = counts[f][i].toLocaleString("en");
        if (count.textContent !== shown) count.textContent = shown;
        row.classList.toggle("none", counts[f][i] === 0 && !input.checked);
      });
    });
  }

  /** What is chosen as buttons that each take one choice back. */
  function chips(place, choice, changed, cleared) {
    const made = [];
    for (const [key, values] of choice.facets) {
      const facet = Data.index.facets.find((one) => one.key === key);
      for (const value of values) {
        const words = `${visible(facet.title)}: ${visible(value)}`;
        const chip = element("button", { type: "button", class: "chip", "aria-label": `Take back ${words}` });
        chip.append(element("bdi", {}, words), element("span", { "aria-hidden": "true" }, " ×"));
        chip.addEventListener("click", () => changed(key, value, false));
        made.push(chip);
      }
    }
    if (made.length || choice.q) {
      const all = element("button", { type: "button", class: "chip clear" }, "Clear all");
      all.addEventListener("click", cleared);
      made.push(all);
    }
    place.replaceChildren(...made);
  }

  return { draw, update, chips };
})();
