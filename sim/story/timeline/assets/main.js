// Putting it together: the state, the keys, the pointer.

const app = {
  model: decode(JSON.parse(document.getElementById("data").textContent)),
  scroller: document.getElementById("scroller"), canvas: document.getElementById("picture"),
  overview: document.getElementById("overview"), focus: -1, hover: -1, op: -1, past: new Set(), found: new Set(), foundList: [],
  pinned: false, stamp: 0, asked: false, width: 0, height: 0, ratio: 1,
  view: { folded: true, hidden: [], opened: new Set(), pinned: new Set(), wide: new Set(), narrow: false, everyChoice: false },
};
app.context = app.canvas.getContext("2d");
app.history = null; // the one that is drawn

// redraw draws once before the next frame, however often it is asked.
app.redraw = () => {
  if (app.asked) return;
  app.asked = true;
  requestAnimationFrame(() => {
    app.asked = false;
    app.paint();
  });
};

app.paint = () => {
  draw(app);
  drawOverview(app);
  document.getElementById("lanes").scrollLeft = app.scroller.scrollLeft;
  const seen = Math.floor((app.scroller.scrollTop + app.height / 2) / ROW);
  if (app.rows.event.length) tellStates(app, app.focus >= 0 ? app.focus : eventAt({ rows: app.rows }, seen));
};

// arrange lays rows and lanes out anew; keep is the event that stays where it is on the screen.
app.arrange = (keep = app.focus) => {
  const before = keep >= 0 && app.rows ? app.rows.rowOf[keep] * ROW - app.scroller.scrollTop : null;
  app.rows = makeRows(app.model, app.view);
  app.strip = null;
  app.marks = app.history ? placeMarks(app.history, app.rows) : null;
  app.resize();
  if (before !== null) app.scroller.scrollTop = app.rows.rowOf[keep] * ROW - before;
  app.redraw();
};

app.resize = () => {
  app.view.narrow = innerWidth <= 800;
  app.ratio = devicePixelRatio || 1;
  app.width = app.scroller.clientWidth;
  app.place = placeLanes(app.model, app.view, app.view.narrow ? 86 : 100, app.width, app.history);
  nameLanes(app);
  app.height = app.scroller.clientHeight;
  const spacer = document.getElementById("spacer");
  spacer.style.height = Math.max(app.rows.event.length * ROW + 8, app.height) + "px";
  spacer.style.width = app.place.width + "px";
  app.canvas.style.width = app.width + "px";
  app.canvas.style.height = app.height + "px";
  app.canvas.width = app.width * app.ratio;
  app.canvas.height = app.height * app.ratio;
  app.redraw();
};

// show focuses an event, opening the fold that holds it, and brings it into view.
app.show = (i, middle = true) => {
  app.pinned = true;
  if (!isShown(app.rows, i)) {
    const fold = foldAt(app.rows, app.rows.rowOf[i]);
    if (fold && !isLeftOut(app, i)) app.view.opened.add(fold.first);
    else app.view.pinned.add(i);
    app.arrange(-1);
    if (!isShown(app.rows, i)) {
      app.view.pinned.add(i);
      app.arrange(-1);
    }
  }
  app.setFocus(i);
  const y = app.rows.rowOf[i] * ROW, top = app.scroller.scrollTop;
  if (y < top + ROW || y > top + app.height - 2 * ROW) {
    app.scroller.scrollTop = middle ? y - app.height / 2 : y < top + ROW ? y - ROW : y - app.height + 2 * ROW;
  }
  const x = app.place.x[app.model.lane[i]], left = app.scroller.scrollLeft;
  if (x < left + app.place.gutter + 20 || x > left + app.width - 60) app.scroller.scrollLeft = x - app.width / 2;
};

app.setFocus = i => {
  app.op = -1;
  app.focus = i;
  app.past = new Set(i >= 0 ? pastOf(app.model, i) : []);
  tellPanel(app);
  document.getElementById("told").textContent = i >= 0 ? saidOf(app.model, i) : "";
  tellMatches(app);
  app.redraw();
};

// showOperation focuses an operation, its answer rather than its call where that is the matter.
app.showOperation = k => {
  const h = app.history, mark = k === h.broken && h.end[k] >= 0 ? h.end[k] : h.call[k];
  for (const end of [h.call[k], h.end[k]]) if (end >= 0) app.view.pinned.add(h.events[end]);
  app.arrange(-1);
  app.show(h.events[mark]);
  app.setOperation(k);
  app.showLane();
};

// showLane brings the lane of the operation in focus into view.
app.showLane = () => {
  if (app.op < 0) return;
  const { left, size } = app.place.block, x = left + app.history.lane[app.op] * size, from = app.scroller.scrollLeft;
  if (from + app.place.gutter > x || x + size > from + app.width) app.scroller.scrollLeft = x + size - app.width;
};

app.setOperation = k => {
  app.op = k;
  app.focus = app.history.events[app.history.call[k]];
  app.past = new Set();
  tellPanel(app);
  document.getElementById("told").textContent = saidOfOperation(app, k);
  app.redraw();
};

app.setHistory = n => {
  app.history = app.model.histories[n] || null;
  app.op = -1;
  tellVerdict(app);
};

app.toOperation = () => {
  const h = app.history;
  if (h && h.count) app.showOperation(h.broken >= 0 ? h.broken : h.all[0]);
};

app.toggleNode = n => {
  if (!app.view.wide.delete(n)) app.view.wide.add(n);
  app.arrange();
  document.querySelectorAll("#lanes button")[n].focus();
};

app.toggleFold = () => {
  app.view.folded = !app.view.folded;
  app.view.opened.clear();
  document.getElementById("fold").setAttribute("aria-pressed", String(app.view.folded));
  app.arrange(app.focus >= 0 ? app.focus : eventAt({ rows: app.rows }, Math.floor(app.scroller.scrollTop / ROW)));
};

// openFold opens the fold of a row.
app.openFold = row => {
  const fold = foldAt(app.rows, row);
  if (!fold) return;
  app.view.opened.add(fold.first);
  app.arrange(-1);
  app.show(firstShown(fold), false);
};

function firstShown(fold) {
  for (let i = fold.first; i <= fold.last; i++) if (isShown(app.rows, i)) return i;
  return fold.first;
}

// shutFold folds again what was opened around an event.
app.shutFold = i => {
  let first = i;
  while (first > 0 && !(app.model.mark[first - 1] & NOTABLE)) first--;
  for (let k = first; k <= i; k++) if (app.view.opened.delete(k)) return app.arrange(i);
};

// step moves the focus by rows; a fold is passed over like a row, and opened where there is nothing else.
app.step = by => {
  const { event, rowOf } = app.rows;
  let row = app.focus >= 0 ? rowOf[app.focus] + by : Math.floor(app.scroller.scrollTop / ROW);
  const way = by < 0 ? -1 : 1;
  row = Math.max(0, Math.min(event.length - 1, row));
  while (row > 0 && row < event.length - 1 && event[row] < 0) row += way;
  if (event[row] >= 0) app.show(event[row], false);
  else app.openFold(row);
};

function press(event) {
  const typing = event.target.id === "query", help = document.getElementById("help");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (help.open) {
    if (event.key === "?" || event.key === "Escape") help.close();
    return;
  }
  if (typing) {
    if (event.key === "Enter") goToMatch(app, event.shiftKey ? -1 : 1);
    if (event.key === "Escape") {
      event.preventDefault(); // which would empty the box, and leave what was found
      app.scroller.focus();
    }
    return;
  }
  if (event.target.id === "history") return;
  if (event.target.closest("button, summary, label, input") && (event.key === "Enter" || event.key === " ")) return;
  const actions = {
    ArrowDown: () => app.step(1), ArrowUp: () => app.step(-1),
    PageDown: () => app.step(Math.floor(app.height / ROW) - 1), PageUp: () => app.step(1 - Math.floor(app.height / ROW)),
    Home: () => app.step(-app.rows.event.length), End: () => app.step(app.rows.event.length),
    ArrowLeft: () => app.focus >= 0 && app.model.cause[app.focus] >= 0 && app.show(app.model.cause[app.focus]),
    ArrowRight: () => app.focus >= 0 && effectsOf(app.model, app.focus).length && app.show(effectsOf(app.model, app.focus)[0]),
    Enter: () => app.focus >= 0 && app.shutFold(app.focus), "/": () => document.getElementById("query").select(),
    f: app.toggleFold, e: () => app.model.head.failed >= 0 && app.show(app.model.head.failed), "?": () => help.showModal(),
    h: app.toOperation, o: () => stepOperation(app, 1), O: () => stepOperation(app, -1),
    n: () => goToMatch(app, 1), N: () => goToMatch(app, -1), Escape: () => {
      document.getElementById("kinds").open = app.pinned = false;
      app.setFocus(-1);
    },
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function rowUnder(event) {
  const row = Math.floor((event.offsetY + app.scroller.scrollTop) / ROW);
  return row < app.rows.event.length ? row : -1;
}

function listenToPointer() {
  app.canvas.onpointermove = event => {
    const row = rowUnder(event), fold = row >= 0 ? foldAt(app.rows, row) : null;
    const op = operationUnder(app, event.offsetX, event.offsetY);
    app.canvas.style.cursor = fold || op >= 0 ? "pointer" : "default";
    if (op >= 0) {
      app.hover = -1;
      if (!app.pinned && op !== app.op) app.setOperation(op);
      return;
    }
    if (row === app.hover) return;
    app.hover = row;
    if (!app.pinned && !fold && row >= 0) app.setFocus(app.rows.event[row]); // a press keeps it
    app.redraw();
  };
  app.canvas.onpointerleave = () => {
    app.hover = -1;
    app.redraw();
  };
  app.canvas.onclick = event => {
    const row = rowUnder(event), op = operationUnder(app, event.offsetX, event.offsetY);
    if (op >= 0) {
      app.pinned = app.op !== op || !app.pinned;
      return app.setOperation(op);
    }
    if (row < 0) return;
    if (foldAt(app.rows, row)) return app.openFold(row);
    app.pinned = app.focus !== app.rows.event[row] || !app.pinned;
    app.setFocus(app.rows.event[row]);
  };
}

function listKinds() {
  const { model: m, view } = app, counts = new Array(m.kinds.length).fill(0);
  for (const kind of m.kind) counts[kind]++;
  let notable = 0;
  for (let i = 0; i < m.count; i++) if (m.kind[i] === m.is.choice && m.mark[i] & NOTABLE) notable++;
  const all = counts[m.is.choice];
  m.kinds.forEach((name, k) => {
    const count = k === m.is.choice ? notable : counts[k];
    if (count) listKind(`${name} (${count})`, true, on => view.hidden[k] = !on);
  });
  if (all > notable) listKind(`every choice (${all})`, false, on => view.everyChoice = on);
}

function listKind(text, checked, set) {
  const label = make("label", ""), box = document.createElement("input");
  box.type = "checkbox";
  box.checked = checked;
  box.onchange = () => {
    set(box.checked);
    app.arrange();
  };
  label.append(box, text);
  document.getElementById("kindList").append(label);
}

function start() {
  const { model: m } = app, byID = id => document.getElementById(id);
  byID("head").hidden = byID("main").hidden = false;
  tellHead(m);
  app.colours = readColours();
  listKinds();
  listHistories(app);
  app.setHistory(0);
  app.arrange(-1);
  fillHelp(app);
  steerOverview(app);
  listenToPointer();
  app.scroller.onscroll = app.redraw;
  new ResizeObserver(() => { // the window changes it, and what stands above it
    app.resize();
    app.showLane();
    app.paint(); // now: it is called after what is drawn for the next frame, and has wiped that out
  }).observe(app.scroller);
  addEventListener("keydown", press);
  byID("query").oninput = event => search(app, event.target.value);
  byID("next").onclick = () => goToMatch(app, 1);
  byID("previous").onclick = () => goToMatch(app, -1);
  byID("fold").onclick = app.toggleFold;
  byID("toFailure").onclick = () => m.head.failed >= 0 && app.show(m.head.failed);
  byID("toOperation").onclick = app.toOperation;
  byID("toggleHelp").onclick = () => byID("help").showModal();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    app.colours = readColours();
    app.strip = null;
    fillHelp(app);
    app.redraw();
  });
  app.show(m.head.failed >= 0 ? m.head.failed : m.count - 1);
  if (app.history && app.history.broken >= 0) app.toOperation();
  app.pinned = false;
  app.scroller.focus();
}

start();
