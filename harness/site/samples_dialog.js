// One sample, opened: its picture, what was asked and answered, how that was read, what is true.
"use strict";

const Opened = (() => {
  const ask = (id) => document.getElementById(id);
  let rows = [];
  let place = -1; // of the sample in the list
  let go = () => {};
  let shown = null; // the sample whose details came last, for those that come late

  /** `chosen` is called with the sample that shall be opened, or null. */
  function attach(chosen) {
    go = chosen;
    ask("earlier").addEventListener("click", () => step(-1));
    ask("later").addEventListener("click", () => step(1));
    ask("close").addEventListener("click", () => go(null));
    ask("opened").addEventListener("cancel", (event) => {
      event.preventDefault(); // closed with the address, so that both agree
      go(null);
    });
    ask("opened").addEventListener("click", (event) => {
      if (event.target === ask("opened")) go(null); // on the backdrop
    });
    ask("opened").addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "ArrowLeft") step(-1);
      else if (event.key === "ArrowRight") step(1);
      else return;
      event.preventDefault();
    });
  }

  function step(by) {
    const next = rows[place + by];
    if (next !== undefined) go(next);
  }

  /** Open a sample, one of the `list` that passes the filters or any other. */
  async function open(row, list) {
    rows = list;
    place = rows.indexOf(row);
    shown = row;
    const dialog = ask("opened");
    ask("opened-name").replaceChildren(element("bdi", {}, visible(Data.index.id[row])));
    ask("opened-place").textContent = place < 0 ? "not among those shown"
      : `${(place + 1).toLocaleString("en")} of ${rows.length.toLocaleString("en")}`;
    dim(ask("earlier"), place <= 0);
    dim(ask("later"), place < 0 || place >= rows.length - 1);
    if (!dialog.open) dialog.showModal();
    const body = ask("opened-body");
    try {
      const sample = await Data.sample(row);
      if (shown === row) body.replaceChildren(Picture.draw(sample, Data.index.picture[row]), told(sample));
    } catch (error) {
      if (shown === row) body.replaceChildren(element("p", {}, String(error.message)));
    }
    body.scrollTop = 0;
  }

  /** Not `disabled`: a button that loses the focus loses the keyboard's place. */
  function dim(button, off) {
    button.setAttribute("aria-disabled", String(off));
  }

  function close() {
    shown = null;
    if (ask("opened").open) ask("opened").close();
  }

  function told(sample) {
    const parts = [head(sample), ...truth(sample)];
    parts.push(...conversation(sample, "Asked and answered"));
    if (sample.other) {
      const name = `${visible(Data.index.other)}: ${sample.other.state}${percent(sample.other.value)}`;
      parts.push(element("hr"), element("h3", {}, "The other run"), element("p", {}, element("bdi", {}, name)));
      parts.push(...conversation(sample.other, null));
    }
    for (const note of [...sample.cut, ...(sample.other ? sample.other.cut : [])]) parts.push(element("p", { class: "note" }, note));
    if (sample.tags.length) parts.push(tags(sample.tags));
    if (sample.evidence !== null) {
      const title = element("summary", {}, "Evidence (what the metric counts, numbers to six digits)");
      parts.push(element("details", {}, title, element("pre", { tabindex: "0" }, visible(sample.evidence))));
    }
    return element("div", { class: "told" }, ...parts);
  }

  function head(sample) {
    const words = `value of this sample alone, under ${visible(Data.index.figure)}`;
    return element("p", { class: "opened-state" },
      element("span", { class: `state ${sample.state}` }, sample.state),
      element("strong", {}, percent(sample.value)),
      element("bdi", { class: "note" }, sample.value === null ? "" : words));
  }

  function percent(value) {
    return value === null ? "" : ` ${(100 * value).toFixed(1)}\u202f%`;
  }

  function truth(sample) {
    const parts = [];
    if (sample.question) parts.push(...titled("Question", sample.question));
    if (sample.choices.length) {
      const options = sample.choices.map((choice, i) => `${String.fromCharCode(65 + i)}. ${choice}`);
      parts.push(...titled("Options", options.join("\n")));
    }
    if (sample.label !== null) parts.push(...titled("True", sample.label));
    if (sample.references.length) {
      const title = sample.references.length > 1 ? `References (${sample.references.length})` : "True";
      parts.push(...titled(title, sample.references.join("\n")));
    }
    return parts;
  }

  function titled(title, text, kind = "text") {
    return [element("h3", {}, title), element("pre", { class: kind, dir: "auto" }, visible(text))];
  }

  function conversation(run, title) {
    const several = run.turns.length > 1;
    return run.turns.flatMap((turn, i) => {
      const parts = [];
      if (several) parts.push(element("h3", { class: "turn" }, turnName(turn, i, run.turns.length)));
      if (turn.system !== undefined && turn.system !== "") {
        parts.push(element("details", {}, element("summary", {}, "System prompt"),
          element("pre", { class: "text", dir: "auto" }, visible(turn.system))));
      }
      if (title !== null || several) {
        if (turn.prompt) parts.push(...titled("Prompt, literally", turn.prompt, "text prompt"));
        else parts.push(...titled("Asked without words", turn.asked || ""));
      }
      if (turn.error !== undefined) parts.push(...titled("No answer", turn.error, "text error"));
      else {
        if (turn.answer !== null) parts.push(...titled("Answer, literally", turn.answer, "text answer"));
        parts.push(...reading(turn.read));
      }
      if (turn.seconds || turn.tokens) parts.push(element("p", { class: "note" }, cost(turn)));
      return parts;
    });
  }

  function turnName(turn, i, count) {
    const where = turn.window ? `, tile at ${turn.window[0]}, ${turn.window[1]}` : "";
    return `Question ${i + 1} of ${count}${where}`;
  }

  function reading(read) {
    if (read.unparsable !== undefined) return titled("Not understood", read.unparsable, "text error");
    const lines = [];
    if (read.label !== undefined) lines.push(`class: ${read.label}`);
    if (read.text !== undefined) lines.push(`text: ${read.text}`);
    if (read.boxes || !lines.length) lines.push(read.boxes === 1 ? "1 box" : `${read.boxes} boxes`);
    if (read.confidence !== undefined) lines.push(`confidence: ${read.confidence}`);
    return titled("Understood as", lines.join("\n"));
  }

  function cost(turn) {
    const parts = [];
    if (turn.seconds) parts.push(`${turn.seconds} s`);
    if (turn.tokens && (turn.tokens[0] || turn.tokens[1])) {
      parts.push(`${turn.tokens[0]} tokens read, ${turn.tokens[1]} written`);
    }
    return parts.join(", ");
  }

  function tags(pairs) {
    const parts = pairs.flatMap(([key, value]) => [
      element("dt", {}, visible(key)), element("dd", {}, element("bdi", {}, visible(value)))]);
    return element("dl", { class: "tags" }, ...parts);
  }

  return { attach, open, close, get row() { return shown; }, get place() { return place; } };
})();
