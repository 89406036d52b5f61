// A picture with boxes and masks drawn over it, in pixels of the original whatever the thumbnail's size.
"use strict";

const Picture = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  // kind -> what the legend calls it, in the order of the legend
  const KINDS = {
    missed: "object missed",
    false: "box that is false",
    true: "box that is true",
    found: "object found",
    asked: "object",
    answered: "box of the answer",
    neutral: "box that does not count",
    ignored: "object that does not count",
    pointer: "region asked about",
    "mask-object": "mask of the object",
    "mask-answer": "mask of the answer",
    other: "box of the other run",
  };
  const hidden = new Set(["other"]); // kinds that the user wants out of sight, whichever sample is open

  function svg(name, attributes, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  /** Everything to draw: {kind, label, points, score}. */
  function shapes(sample) {
    const of = ([kind, label, points, score]) => ({ kind, label, points, score });
    const others = sample.other ? sample.other.boxes : [];
    return [
      ...sample.objects.map(of),
      ...sample.boxes.map(of),
      ...sample.pointers.map((points) => ({ kind: "pointer", label: "", points })),
      ...others.map(([, label, points, score]) => ({ kind: "other", label, points, score })),
    ].filter((shape) => Object.hasOwn(KINDS, shape.kind));
  }

  function cornersOf(points) {
    if (points.length !== 4) return points;
    const [x1, y1, x2, y2] = points;
    return [x1, y1, x2, y1, x2, y2, x1, y2];
  }

  function area(points) {
    const [xs, ys] = [points.filter((_, i) => i % 2 === 0), points.filter((_, i) => i % 2 === 1)];
    return (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys));
  }

  /** Width and height that the picture has, or that hold all boxes where nothing says it. */
  function sizeOf(sample, all) {
    if (sample.size) return sample.size;
    const far = (odd) => all.reduce((most, s) => s.points.reduce(
      (so_far, v, i) => (i % 2 === odd ? Math.max(so_far, v) : so_far), most), 1);
    return [Math.ceil(far(0)), Math.ceil(far(1))];
  }

  function words(shape) {
    const score = shape.score === undefined || shape.score === null ? "" : shape.score.toFixed(2);
    return [KINDS[shape.kind], visible(shape.label), score].filter(Boolean).join(", ");
  }

  function numbers(shape) {
    return shape.points.length ? shape.points.map((v) => v.toFixed(1)).join(", ") : "no box that can be drawn";
  }

  /** The picture, its legend and the list of its boxes. `file` is null where there is no thumbnail. */
  function draw(sample, file) {
    const all = shapes(sample);
    const [width, height] = sizeOf(sample, all);
    const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "picture" });
    root.append(svg("title", {}, document.createTextNode(`The picture, ${width} by ${height} pixels`)));
    if (file) {
      const href = `thumbnails/${file}`;
      root.append(svg("image", { href, width, height, preserveAspectRatio: "none" }));
    }
    for (const [whose, path] of sample.masks) root.append(svg("path", { d: path, class: `mask mask-${whose}` }));
    const tip = element("span", { class: "tip", hidden: "" });
    const stage = element("div", { class: "stage" }, root, tip);
    stage.style.aspectRatio = `${width} / ${height}`;
    stage.style.setProperty("--shape", width / height);
    const drawn = all.filter((shape) => shape.points.length);
    drawn.sort((a, b) => area(b.points) - area(a.points)); // what is small stays in reach
    for (const shape of drawn) root.append(outline(shape));
    const mark = (shape, on) => highlight(shape, on, tip, width, height);
    for (const shape of drawn) {
      shape.drawn.addEventListener("pointerenter", () => mark(shape, true));
      shape.drawn.addEventListener("pointerleave", () => mark(shape, false));
    }
    const kinds = [...all.map((shape) => shape.kind), ...sample.masks.map(([whose]) => `mask-${whose}`)];
    const notes = sample.masks.filter(([, , block]) => block > 1).map(([whose, , block]) =>
      element("p", { class: "note" }, `The mask of the ${whose} is drawn in blocks of ${block} pixels.`));
    if (!file) notes.push(element("p", { class: "note" }, "The picture was not at hand, or cannot be read."));
    if (!file && !all.length && !sample.masks.length) return element("div", { class: "figure" }, ...notes);
    return element("div", { class: "figure" }, stage, legend(stage, kinds), ...notes, list(all, mark));
  }

  /** A line in its colour over a wider dark one, so that it shows on any ground. */
  function outline(shape) {
    const points = cornersOf(shape.points).join(" ");
    shape.drawn = svg("g", { class: `box ${shape.kind}` },
      svg("polygon", { points, class: "under" }), svg("polygon", { points, class: "over" }));
    return shape.drawn;
  }

  function highlight(shape, on, tip, width, height) {
    if (!shape.drawn) return;
    shape.drawn.classList.toggle("marked", on);
    tip.hidden = !on;
    if (!on) return;
    tip.textContent = words(shape);
    const corners = cornersOf(shape.points);
    const top = Math.min(...corners.filter((_, i) => i % 2 === 1));
    const left = Math.min(...corners.filter((_, i) => i % 2 === 0));
    tip.style.left = `${Math.min(Math.max((100 * left) / width, 0), 70)}%`;
    tip.style.top = `${Math.min(Math.max((100 * top) / height, 6), 100)}%`;
  }

  /** A box to tick for every kind there is, beside a line as it is drawn. */
  function legend(stage, kinds) {
    const made = Object.keys(KINDS).filter((kind) => kinds.includes(kind)).map((kind) => {
      const input = element("input", { type: "checkbox" });
      input.checked = !hidden.has(kind);
      stage.classList.toggle(`without-${kind}`, hidden.has(kind));
      input.addEventListener("change", () => {
        if (input.checked) hidden.delete(kind);
        else hidden.add(kind);
        stage.classList.toggle(`without-${kind}`, !input.checked);
      });
      const count = kinds.filter((one) => one === kind).length;
      const shown = kind.startsWith("mask-") ? "" : ` (${count})`;
      return element("label", { class: "legend-item" }, input, swatch(kind), `${KINDS[kind]}${shown}`);
    });
    return element("div", { class: "legend", role: "group", "aria-label": "What is drawn" }, ...made);
  }

  function swatch(kind) {
    const line = kind.startsWith("mask-")
      ? svg("rect", { x: 2, y: 2, width: 24, height: 8, class: `mask ${kind}` })
      : svg("g", { class: `box ${kind}` }, svg("line", { x1: 2, y1: 6, x2: 26, y2: 6, class: "over" }));
    return svg("svg", { width: 28, height: 12, class: "swatch", "aria-hidden": "true" }, line);
  }

  /** Every box as a button that marks it: the mouse is not needed. */
  function list(all, mark) {
    const order = Object.keys(KINDS);
    const sorted = [...all].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)
      || (b.score ?? 0) - (a.score ?? 0));
    const rows = sorted.map((shape) => {
      const button = element("button", { type: "button", class: "box-row" },
        swatch(shape.kind), element("span", {}, words(shape), element("span", { class: "points" }, numbers(shape))));
      for (const [event, on] of [["focus", true], ["pointerenter", true], ["blur", false], ["pointerleave", false]]) {
        button.addEventListener(event, () => mark(shape, on));
      }
      return element("li", {}, button);
    });
    return element("ul", { class: "box-list", "aria-label": "Boxes" }, ...rows);
  }

  return { draw };
})();
