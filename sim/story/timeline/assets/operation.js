// The operation in focus, in words, and the history that it is of.

function tellOperation(app) {
  const panel = document.getElementById("panel"), { model: m, history: h, op: k } = app;
  const title = make("h2", `client ${h.client[k]} · an operation`);
  if (k === h.broken) title.className = "bad";
  panel.append(title, make("p", askedOf(h, k), { class: "what" }));
  if (k === h.broken) panel.append(make("p", h.told, { class: "bad" }));
  const list = [["answer", answerOf(h, k)], ["called", momentOf(app, h.call[k])]];
  if (h.seen[k] >= 0) list.push(["took effect", momentOf(app, h.seen[k]) + ", as the simulator saw"]);
  list.push([h.ending[k] === RETURNED ? "answered" : "ended", h.end[k] >= 0 ? momentOf(app, h.end[k]) : "never"]);
  list.push(["in the order", placeInOrder(h, k)]);
  panel.append(facts(list));
  if (h.against.has(k)) listOperations(app, panel, "they cannot all be true", h.with, k);
  const at = h.ordered.indexOf(k);
  if (at >= 0) listOperations(app, panel, "the order found", h.ordered.slice(Math.max(0, at - 3), at + 4), k);
  const ends = [h.call[k], h.end[k]].filter(mark => mark >= 0).map(mark => h.events[mark]);
  listEvents(app, panel, "the steps of its call and its answer", [...new Set(ends)]);
}

function placeInOrder(h, k) {
  if (h.order[k]) return `number ${h.order[k]} of ${h.ordered.length}`;
  if (k === h.broken) return "no place";
  return h.ending[k] === RETURNED || h.ending[k] === OPEN ? "not placed" : "did not happen";
}

function momentOf(app, mark) {
  const { model: m, history: h } = app, i = h.events[mark];
  return `${seconds(m.at[i], 9)}, step ${m.step[i]}`;
}

// listOperations lists operations as buttons that lead to them.
function listOperations(app, panel, title, operations, current = -1) {
  if (operations.length === 0) return;
  const { model: m, history: h } = app, list = make("ol", "");
  for (const k of operations.slice(0, MOST_LISTED)) {
    const item = make("li", ""), button = make("button", "");
    button.append(make("time", seconds(m.at[h.events[h.call[k]]]) + " "), `client ${h.client[k]}: ${askedOf(h, k)}: ${answerOf(h, k)}`);
    button.onclick = () => app.showOperation(k);
    if (k === current) item.setAttribute("aria-current", "true");
    item.append(button);
    list.append(item);
  }
  const more = operations.length > MOST_LISTED ? ` (${MOST_LISTED} of ${operations.length})` : "";
  panel.append(make("h3", title + more), list);
}

// listHistories fills the choice of histories, where there is any.
function listHistories(app) {
  const all = app.model.histories, box = document.getElementById("history");
  document.getElementById("orders").hidden = all.length === 0;
  all.forEach((h, n) => box.append(make("option", h.verdict === "no order" ? "✗ " + h.name : h.name, { value: n })));
  box.onchange = () => {
    app.setHistory(Number(box.value));
    app.arrange();
  };
}

function tellVerdict(app) {
  const h = app.history, line = document.getElementById("verdict");
  line.hidden = !h;
  if (!h) return;
  line.textContent = `history “${h.name}”: ${h.verdict ? h.verdict + "; " : ""}${h.told}`;
  line.className = h.verdict === "no order" ? "bad" : "";
  const button = document.getElementById("toOperation");
  button.disabled = h.count === 0;
  button.textContent = h.broken >= 0 ? "✗ operation" : "operation";
}

// stepOperation goes to the next operation in the order found, or back; what has no place comes after the others.
function stepOperation(app, by) {
  const { history: h } = app;
  if (!h || h.count === 0) return;
  const at = app.op >= 0 ? h.all.indexOf(app.op) + by : by > 0 ? 0 : h.count - 1;
  app.showOperation(h.all[Math.max(0, Math.min(h.count - 1, at))]);
}
