"use strict";
// The page shows reports of `switchyard analyze`. Everything is drawn from the JSON in #data.
const reports = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const state = { report: 0, from: 0, to: 0, tx: null };

const ms = (us) => us >= 100000 ? (us / 1000).toFixed(0) + " ms" : us >= 1000 ? (us / 1000).toFixed(2) + " ms" : us.toFixed(us < 10 ? 1 : 0) + " µs";
const times = (x) => x >= 100 ? x.toFixed(0) : x.toFixed(2);
const percent = (x) => (100 * x).toFixed(1) + " %";
const current = () => reports[state.report];

// el makes an element; text is never taken for markup.
function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes || {})) k === "onclick" ? e.addEventListener("click", v) : e.setAttribute(k, v);
  e.append(...children.filter((c) => c !== null));
  return e;
}
// draw makes an element of a drawing.
function draw(tag, attributes, text) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  if (text !== undefined) e.textContent = text;
  return e;
}
function title(e, text) { e.append(draw("title", {}, text)); return e; }

function table(header, rows) {
  const t = el("table");
  t.append(el("thead", {}, el("tr", {}, ...header.map((h) => el("th", {}, h)))));
  t.append(el("tbody", {}, ...rows.map((r) => {
    const tr = el("tr", r.go ? { class: "go", onclick: r.go } : {}, ...r.cells.map((c) => el("td", {}, c)));
    return tr;
  })));
  return t;
}
function name(r) {
  let n = "block " + r.block + ", " + (r.label && r.label !== r.scheduler ? r.label + " (" + r.scheduler + ")" : r.scheduler);
  return r.placement && r.placement !== "builtin" ? n + " in " + r.placement : n;
}

function tabs() {
  if (reports.length < 2) return;
  $("tabs").replaceChildren(...reports.map((r, i) => el("button", {
    role: "tab", "aria-selected": i === state.report, onclick: () => { state.report = i; state.tx = null; show(); },
  }, name(r))));
  $("compare").hidden = false;
  const b = (f) => (r) => times(r.bounds[f]);
  const lines = [
    ["transactions", (r) => r.txs], ["workers", (r) => r.workers], ["time", (r) => ms(r.wall_us)],
    ["attempts per transaction", (r) => times(r.attempts / Math.max(r.txs, 1))], ["attempts given up", (r) => (r.aborts || []).length],
    ["useful", (r) => ms(r.worker_time.useful_us)], ["aborted", (r) => ms(r.worker_time.aborted_us)],
    ["parked", (r) => ms(r.worker_time.parked_us)], ["idle", (r) => ms(r.worker_time.idle_us)],
    ["speed-up", b("speedup")], ["bound", b("bound_read")], ["efficiency", b("efficiency")], ["waste", b("waste")],
  ];
  $("comparison").replaceChildren(table(["", ...reports.map(name)], lines.map(([n, f]) => ({ cells: [n, ...reports.map((r) => String(f(r)))] }))));
}

function summary(r) {
  $("verdict").textContent = r.verdict + (r.dropped_events ? " (" + r.dropped_events + " events are missing.)" : "");
  const tiles = [
    [ms(r.wall_us), "for " + r.txs + " transactions"], [times(r.bounds.speedup) + "x", "over serial, of " + times(r.bounds.bound_read) + "x"],
    [percent(r.bounds.efficiency), "of what the block allows"], [times(r.bounds.waste) + "x", "the processor time of serial"],
    [times(r.attempts / Math.max(r.txs, 1)), "attempts per transaction"], [String(r.workers), r.workers === 1 ? "worker" : "workers"],
  ];
  $("tiles").replaceChildren(...tiles.map(([b, s]) => el("div", {}, el("b", {}, b), el("span", {}, s))));
  const t = r.worker_time;
  const shares = [["useful", t.useful_us], ["aborted", t.aborted_us], ["parked", t.parked_us], ["idle", t.idle_us]];
  $("shares").replaceChildren(...shares.filter((s) => s[1] > 0).map(([n, us]) => {
    const share = us / t.total_us;
    return el("div", { class: "fill-" + n, style: "width:" + 100 * share + "%", title: n + ": " + ms(us) + ", " + percent(share) }, share > 0.06 ? n + " " + percent(share) : "");
  }));
}

function bars(rows, most, mark) {
  const row = 30, left = 190, width = 620, svg = draw("svg", { viewBox: "0 0 " + width + " " + (rows.length * row + 6) });
  rows.forEach(([label, value, text, colour], i) => {
    const y = i * row + 4, w = (width - left - 110) * value / most;
    svg.append(draw("text", { x: left - 10, y: y + 15, "text-anchor": "end" }, label));
    svg.append(draw("rect", { x: left, y, width: Math.max(w, 1), height: 20, rx: 4, fill: colour }));
    svg.append(draw("text", { x: width - 2, y: y + 15, "text-anchor": "end", class: "dim" }, text));
  });
  if (mark) svg.append(draw("line", { x1: left + (width - left - 110) * mark / most, x2: left + (width - left - 110) * mark / most, y1: 0, y2: rows.length * row, class: "dash" }));
  return svg;
}

function boundsOf(r) {
  const b = r.bounds, share = b.work_us / r.workers;
  const rows = [
    ["reached", r.wall_us, ms(r.wall_us), "var(--pick)"],
    ["work over " + r.workers + " workers", share, ms(share), "var(--c0)"],
    ["chain of transactions", b.critical_tx_us, ms(b.critical_tx_us) + ", " + times(b.bound_tx_any_workers) + "x", "var(--c3)"],
    ["chain, waits at reads", b.critical_read_us, ms(b.critical_read_us) + ", " + times(b.bound_read_any_workers) + "x", "var(--c2)"],
    ["greedy, at most", b.graham_us, ms(b.graham_us), "var(--c0)"],
    ["serial", b.work_us, ms(b.work_us), "var(--c0)"],
  ];
  $("bounds").replaceChildren(bars(rows, Math.max(...rows.map((x) => x[1]), 1), r.wall_us));
}

function scaling(r) {
  const all = r.scaling || [];
  $("scaling-section").hidden = all.length === 0;
  if (all.length === 0) return;
  const w = 620, h = 300, left = 40, bottom = 28, right = 90;
  const workers = [...new Set(all.map((s) => s.workers))], policies = [...new Set(all.map((s) => s.policy))];
  const top = Math.max(...all.map((s) => s.speedup), Math.min(r.bounds.bound_read_any_workers, Math.max(...workers)), 1.2) * 1.08;
  const x = (n) => left + (w - left - right) * (workers.length < 2 ? 0 : Math.log2(n / workers[0]) / Math.log2(workers[workers.length - 1] / workers[0]));
  const y = (s) => (h - bottom) * (1 - s / top) + 6;
  const svg = draw("svg", { viewBox: "0 0 " + w + " " + h });
  for (let i = 0; i <= 4; i++) {
    const s = top * i / 4;
    svg.append(draw("line", { x1: left, x2: w - right, y1: y(s), y2: y(s), class: "grid" }), draw("text", { x: left - 6, y: y(s) + 4, "text-anchor": "end", class: "dim" }, s.toFixed(top < 10 ? 1 : 0)));
  }
  for (const n of workers) svg.append(draw("text", { x: x(n), y: h - 8, "text-anchor": "middle", class: "dim" }, n));
  const limit = (f) => workers.map((n) => x(n) + "," + y(Math.min(n, f))).join(" ");
  svg.append(draw("polyline", { points: limit(r.bounds.bound_tx_any_workers), class: "dash" }), draw("polyline", { points: limit(r.bounds.bound_read_any_workers), class: "dash" }));
  const labels = policies.map((p, i) => {
    const line = all.filter((s) => s.policy === p);
    svg.append(draw("polyline", { points: line.map((s) => x(s.workers) + "," + y(s.speedup)).join(" "), class: "line", stroke: "var(--c" + i % 5 + ")" }));
    for (const s of line) {
      svg.append(title(draw("circle", { cx: x(s.workers), cy: y(s.speedup), r: 3.2, fill: "var(--c" + i % 5 + ")" }),
        p + ", " + s.workers + " workers: " + times(s.speedup) + "x at " + times(s.waste) + "x the processor time"));
    }
    return { p, i, y: y(line[line.length - 1].speedup) };
  });
  labels.sort((a, b) => a.y - b.y).forEach((l, n, ls) => {
    l.y = n > 0 ? Math.max(l.y, ls[n - 1].y + 13) : l.y;
    svg.append(draw("text", { x: w - right + 8, y: l.y + 4, style: "fill:var(--c" + l.i % 5 + ")" }, l.p));
  });
  $("scaling").replaceChildren(svg);
}

function tables(r) {
  const aborts = r.aborts || [];
  $("causes").replaceChildren(aborts.length === 0 ? el("p", {}, "None: every attempt counted.") :
    table(["cause", "attempts", "wasted"], r.aborts_by_cause.map((c) => ({ cells: [c.name, String(c.count), ms(c.wasted_us)] }))));
  const worst = [...aborts].sort((a, b) => b.wasted_us - a.wasted_us).slice(0, 200);
  $("aborts").replaceChildren(aborts.length === 0 ? "" : table(["attempt", "key", "writer", "at", "wasted"], worst.map((a) => ({
    go: () => pick(a.tx, true), cells: [a.tx + "." + a.incarnation, a.key || a.cause, a.writer >= 0 ? "Tx" + a.writer : "", ms(a.at_us), ms(a.wasted_us)],
  }))));
  const keys = r.hot_keys || [], most = Math.max(...keys.map((k) => k.if_added_bound_tx), 1);
  $("keys").replaceChildren(keys.length === 0 ? el("p", {}, "No transaction reads what another one of the block wrote.") :
    table(["key", "reads", "writes", "additions", "depend on it", "on the longest chain", "aborts", "wasted", "the block would allow, if it were an addition"], keys.map((k) => ({
      cells: [k.key, String(k.reads), String(k.writes), String(k.adds), String(k.dependencies), String(k.on_critical_path), String(k.aborts), ms(k.wasted_us),
        el("span", {}, times(k.if_added_bound_tx) + "x" + (k.if_added_speedup_16 ? " (16 workers: " + times(k.if_added_speedup_16) + "x)" : ""), el("span", { class: "scale", style: "width:" + 90 * k.if_added_bound_tx / most + "px" }))],
    }))));
}

function histogram(id, counts, label) {
  const w = 600, h = 110, n = Math.max(counts.length, 1), most = Math.max(...counts, 1), svg = draw("svg", { viewBox: "0 0 " + w + " " + h });
  const step = Math.max(1, Math.ceil(n / 16));
  counts.forEach((c, i) => {
    const x = 4 + (w - 8) * i / n, height = (h - 34) * c / most;
    svg.append(title(draw("rect", { x, y: h - 18 - height, width: Math.max((w - 8) / n - 2, 1), height, fill: "var(--c1)", rx: 2 }), label(i) + ": " + c));
    if (n <= 16) svg.append(draw("text", { x: x + 2, y: h - 22 - height, class: "dim" }, c || ""));
    if (i % step === 0) svg.append(draw("text", { x: x + 2, y: h - 5, class: "dim" }, label(i)));
  });
  $(id).replaceChildren(svg);
}

function show() {
  const r = current();
  tabs();
  summary(r);
  state.from = 0;
  state.to = Math.max(...reports.map((x) => x.wall_us));
  gantts();
  details();
  boundsOf(r);
  scaling(r);
  tables(r);
  graph(r);
  histogram("depths", r.graph.depths || [], (i) => String(i));
  histogram("distances", r.graph.distances || [], (i) => i === 0 ? "1" : 2 ** i + "–" + (2 ** (i + 1) - 1));
}
