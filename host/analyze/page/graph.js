// The dependency graph: a column for each number of dependencies in a row, the critical path in bold.
const mostNodes = 240;

function graph(r) {
  const g = r.graph, edges = g.edges || [], critical = g.critical || [];
  const linked = [...new Set(edges.flatMap((e) => [e.from, e.to]))].sort((a, b) => a - b);
  const shown = new Set(linked.length <= mostNodes ? linked : [...critical, ...linked].slice(0, mostNodes));
  const alone = r.txs - linked.length;
  $("graph-note").textContent = (linked.length === 0 ? "" : shown.size < linked.length ? "The longest chain and the first others, " + shown.size + " of " + linked.length + " transactions that depend on each other. " : "") +
    (alone > 0 ? alone + " transactions depend on nobody, and nobody on them." : "");
  if (shown.size === 0) return $("graph").replaceChildren();
  const column = 118, row = 30, rows = [], at = new Map();
  for (const n of [...shown].sort((a, b) => a - b)) {
    const d = g.nodes[n].depth;
    rows[d] = rows[d] || 0;
    at.set(n, { x: 10 + d * column, y: 8 + rows[d]++ * row });
  }
  const width = 10 + rows.length * column, height = 16 + Math.max(...rows.map((n) => n || 0)) * row;
  const svg = draw("svg", { viewBox: "0 0 " + width + " " + height, style: "width:" + width + "px;height:" + height + "px" });
  const onPath = new Set(critical.slice(1).map((n, i) => critical[i] + ">" + n)), done = new Set();
  for (const e of edges) {
    const a = at.get(e.from), b = at.get(e.to), id = e.from + ">" + e.to;
    if (!a || !b || done.has(id)) continue;
    done.add(id);
    const x1 = a.x + 74, y1 = a.y + 11, x2 = b.x, y2 = b.y + 11, bend = Math.max((x2 - x1) / 2, 16);
    svg.append(title(draw("path", { d: "M" + x1 + " " + y1 + " C" + (x1 + bend) + " " + y1 + " " + (x2 - bend) + " " + y2 + " " + x2 + " " + y2, class: "edge" + (onPath.has(id) ? " critical" : "") }),
      "Tx" + e.to + " reads " + e.key + " as Tx" + e.from + " wrote it"));
  }
  for (const [n, p] of at) {
    const node = draw("g", { class: "node" + (critical.includes(n) ? " critical" : ""), "data-tx": n });
    node.append(draw("rect", { x: p.x, y: p.y, width: 74, height: 22 }), draw("text", { x: p.x + 37, y: p.y + 15, "text-anchor": "middle", "pointer-events": "none" }, "Tx" + n));
    title(node, "Tx" + n + ": " + ms(g.nodes[n].cost_us));
    node.addEventListener("click", () => pick(n, true));
    svg.append(node);
  }
  $("graph").replaceChildren(svg);
}

show();
