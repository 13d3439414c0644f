// The time chart: a lane for each worker, a bar for each time that an attempt ran there.
const lane = 34, top0 = 22, side = 74;

function gantts() {
  $("charts").replaceChildren(...reports.map((r, i) => {
    const box = el("div", { "data-report": i });
    if (reports.length > 1) box.append(el("h3", {}, name(r)));
    const svg = draw("svg", { class: "gantt", height: top0 + r.workers * lane + 6 });
    box.append(svg);
    listen(svg);
    return box;
  }));
  redraw(); // now that they have a width
}
function redraw() { document.querySelectorAll("#charts svg").forEach((svg, i) => gantt(svg, reports[i])); }

// place returns where a time is in a chart of a width.
function scale(width) {
  const span = Math.max(state.to - state.from, 0.001);
  return { x: (us) => side + (width - side - 8) * (us - state.from) / span, us: (x) => state.from + span * (x - side) / (width - side - 8) };
}

function gantt(svg, r) {
  const width = svg.clientWidth || 1000, { x } = scale(width), mine = r === current();
  svg.setAttribute("viewBox", "0 0 " + width + " " + (top0 + r.workers * lane + 6));
  const layer = document.createDocumentFragment();
  for (let w = 0; w < r.workers; w++) {
    layer.append(draw("rect", { x: side, y: top0 + w * lane + 3, width: width - side - 8, height: lane - 6, class: "lane", rx: 3 }));
    layer.append(draw("text", { x: side - 8, y: top0 + w * lane + 21, "text-anchor": "end", class: "dim" }, "worker " + w));
  }
  axis(layer, width, r);
  const seen = (b) => b.to >= state.from && b.from <= state.to;
  const merge = (state.to - state.from) / width; // what is thinner than a pixel is not drawn twice
  const last = {};
  for (const b of r.chart.bars || []) {
    const key = b.w + b.state;
    if (!seen(b) || (b.to - b.from < merge && last[key] !== undefined && b.to < last[key] + merge)) continue;
    last[key] = b.to;
    bar(layer, b, x, mine);
  }
  for (const b of r.chart.waits || []) if (seen(b) && b.to - b.from >= merge) wait(layer, b, x);
  arrows(layer, r, x, mine);
  svg.replaceChildren(layer);
}

function axis(layer, width, r) {
  const { x } = scale(width), span = state.to - state.from;
  let step = 10 ** Math.floor(Math.log10(Math.max(span, 0.001) / 5));
  step *= span / step > 25 ? 5 : span / step > 10 ? 2 : 1;
  for (let t = Math.ceil(state.from / step) * step; t <= state.to; t += step) {
    layer.append(draw("line", { x1: x(t), x2: x(t), y1: top0 - 4, y2: top0 + r.workers * lane, class: "grid" }));
    layer.append(draw("text", { x: x(t) + 3, y: 12, class: "dim" }, step >= 1000 ? t / 1000 + " ms" : step >= 1 ? Math.round(t) + " µs" : t.toFixed(1) + " µs"));
  }
}

function bar(layer, b, x, mine) {
  const from = Math.max(x(b.from), side), to = Math.max(x(b.to), from + 0.6), y = top0 + b.w * lane + 5;
  if (to < side) return;
  const picked = mine && state.tx === b.tx ? " picked" : "";
  const rect = draw("rect", { x: from, y, width: to - from, height: lane - 13, rx: 2, class: "bar " + b.state + picked, "data-tx": b.tx, "data-inc": b.inc });
  title(rect, "Tx" + b.tx + (b.inc ? ", attempt " + (b.inc + 1) : "") + ": " + b.state + ", " + ms(b.to - b.from));
  layer.append(rect);
  const label = b.inc ? b.tx + "." + b.inc : String(b.tx);
  if (to - from > 7 * label.length + 6) layer.append(draw("text", { x: from + 4, y: y + 14, class: "label" }, label));
}

function wait(layer, b, x) {
  const from = Math.max(x(b.from), side), rect = draw("rect", { x: from, y: top0 + b.w * lane + lane - 8, width: Math.max(x(b.to) - from, 1), height: 4, class: "wait", "data-tx": b.tx });
  layer.append(title(rect, "Tx" + b.tx + " waits for Tx" + b.writer + ": " + b.key + ", " + ms(b.to - b.from)));
}

// ends returns the last bar of each attempt.
const ends = new WeakMap();
function endOf(r, tx, inc) {
  if (!ends.has(r)) ends.set(r, new Map((r.chart.bars || []).map((b) => [b.tx + "." + b.inc, b])));
  return ends.get(r).get(tx + "." + inc);
}

function arrows(layer, r, x, mine) {
  const all = (r.chart.arrows || []).filter((a) => a.at >= state.from && a.at <= state.to);
  const chosen = (a) => mine && state.tx !== null && (a.to_tx === state.tx || a.from_tx === state.tx);
  for (const a of all.length > 150 ? all.filter(chosen) : all) {
    const from = endOf(r, a.from_tx, a.from_inc), to = endOf(r, a.to_tx, a.to_inc);
    if (!from || !to) continue;
    const x1 = x(from.to), y1 = top0 + from.w * lane + lane / 2 - 2, x2 = x(Math.min(Math.max(a.at, to.from), to.to)), y2 = top0 + to.w * lane + (to.w > from.w ? 5 : lane - 8);
    const bend = Math.min(Math.max(14, Math.abs(x2 - x1) / 3), 60), strong = chosen(a) ? " strong" : "";
    const path = draw("path", { d: "M" + x1 + " " + y1 + " C" + (x1 + bend) + " " + y1 + " " + x2 + " " + (y2 + (y2 < y1 ? 24 : -24)) + " " + x2 + " " + y2, class: "flow" + strong });
    layer.append(title(path, "Tx" + a.from_tx + " wrote " + a.key + ", which Tx" + a.to_tx + " had read"));
    const d = y2 < y1 ? 6 : -6;
    layer.append(draw("path", { d: "M" + x2 + " " + y2 + " l-3.5 " + d + " h7 z", class: "head" }));
  }
}

function zoom(factor, at) {
  const middle = at === undefined ? (state.from + state.to) / 2 : at, all = Math.max(...reports.map((r) => r.wall_us));
  const span = Math.min(Math.max((state.to - state.from) * factor, 0.5), all);
  move(middle - (middle - state.from) * span / (state.to - state.from), span);
}
function move(from, span) {
  const all = Math.max(...reports.map((r) => r.wall_us));
  state.from = Math.min(Math.max(from, 0), all - span);
  state.to = state.from + span;
  redraw();
}

function listen(svg) {
  let held = null;
  svg.addEventListener("wheel", (e) => {
    e.preventDefault();
    zoom(e.deltaY > 0 ? 1.25 : 0.8, scale(svg.clientWidth).us(e.offsetX));
  }, { passive: false });
  svg.addEventListener("pointerdown", (e) => { held = { x: e.clientX, from: state.from, moved: false }; });
  svg.addEventListener("pointermove", (e) => {
    if (!held || Math.abs(e.clientX - held.x) < 4) return;
    held.moved = true;
    move(held.from - (e.clientX - held.x) * (state.to - state.from) / (svg.clientWidth - side), state.to - state.from);
  });
  svg.addEventListener("pointerleave", () => { held = null; });
  svg.addEventListener("pointerup", () => { setTimeout(() => { held = null; }, 0); });
  svg.addEventListener("click", (e) => {
    if (held && held.moved) return;
    const tx = e.target.getAttribute("data-tx");
    if (tx === null) return;
    const i = Number(svg.parentNode.getAttribute("data-report"));
    if (i !== state.report) { state.report = i; state.tx = null; const { from, to } = state; show(); state.from = from; state.to = to; }
    pick(Number(tx), false);
  });
}

// pick shows a transaction, and moves the chart there if it is asked to.
function pick(tx, go) {
  state.tx = tx;
  const mine = (current().chart.bars || []).filter((b) => b.tx === tx);
  if (go && mine.length > 0) {
    const from = Math.min(...mine.map((b) => b.from)), to = Math.max(...mine.map((b) => b.to));
    state.from = Math.max(from - (to - from), 0);
    state.to = Math.min(to + (to - from), Math.max(...reports.map((r) => r.wall_us)));
    $("timeline").scrollIntoView({ block: "nearest" });
  }
  redraw();
  details();
  document.querySelectorAll(".node").forEach((n) => n.classList.toggle("picked", n.getAttribute("data-tx") === String(tx)));
}

function details() {
  const r = current(), box = $("details"), tx = state.tx;
  box.classList.toggle("open", tx !== null);
  if (tx === null) return box.replaceChildren();
  const bars = (r.chart.bars || []).filter((b) => b.tx === tx), attempts = [...new Set(bars.map((b) => b.inc))];
  const parts = attempts.map((inc) => {
    const own = bars.filter((b) => b.inc === inc), abort = (r.aborts || []).find((a) => a.tx === tx && a.incarnation === inc);
    const list = el("ul", {}, ...own.map((b) => el("li", {}, "worker " + b.w + ", " + ms(b.from) + " to " + ms(b.to) + ": " + b.state)));
    for (const s of (r.chart.reads || []).filter((s) => s.tx === tx && s.inc === inc)) {
      list.append(el("li", {}, "read " + s.key + (s.writer >= 0 ? " as Tx" + s.writer + " wrote it" : "") + ", at " + ms(s.at)));
    }
    for (const w of (r.chart.waits || []).filter((w) => w.tx === tx && w.inc === inc)) {
      list.append(el("li", {}, "waited " + ms(w.to - w.from) + " for Tx" + w.writer + " to write " + w.key));
    }
    const why = abort ? "given up: " + abort.cause + (abort.key ? ", " + abort.key : "") + (abort.writer >= 0 ? " (by Tx" + abort.writer + ")" : "") : "its outcome counts";
    return el("div", {}, el("b", {}, "attempt " + (inc + 1) + ": "), why, list);
  });
  const node = (r.graph.nodes || [])[tx];
  box.replaceChildren(el("h3", {}, "Tx" + tx + (node ? ", which takes " + ms(node.cost_us) : "")), ...parts);
}

$("zoom-in").addEventListener("click", () => zoom(0.5));
$("zoom-out").addEventListener("click", () => zoom(2));
$("fit").addEventListener("click", () => zoom(1e9));
addEventListener("resize", redraw);
addEventListener("keydown", (e) => {
  const span = state.to - state.from, keys = { "+": () => zoom(0.5), "-": () => zoom(2), "0": () => zoom(1e9), ArrowLeft: () => move(state.from - span / 4, span), ArrowRight: () => move(state.from + span / 4, span) };
  if (keys[e.key] && !e.ctrlKey && !e.metaKey) keys[e.key]();
});
