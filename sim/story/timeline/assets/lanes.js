// Where each lane stands, and the strip that names them.

const GAP = 14, TASK = 17;

// placeLanes spreads the lanes over the width: a column a node, and where a node is open one more for each of
// its tasks. At the right stands the history, a column a client.
function placeLanes(m, view, gutter, width, history) {
  const least = view.narrow ? 32 : 66; // of a node

  const tasks = m.nodes.map(() => []);
  m.lanes.forEach((lane, l) => { if (taskOf(m, l)) tasks[lane.node].push(l); });
  const shut = m.nodes.filter((_, n) => !view.wide.has(n)).length;
  let open = 0;
  for (const n of view.wide) open += 28 + tasks[n].length * TASK + GAP;
  const lanes = history ? history.lanes.length : 0, room = (width - gutter - open - shut * least - 10) / lanes;
  const client = Math.max(view.narrow ? 90 : 96, Math.min(122, room)), clients = lanes ? lanes * client : 0;
  const each = Math.max(least, Math.min(150, (width - gutter - open - clients - 10) / Math.max(1, shut)));
  const nodes = [], x = new Float64Array(m.lanes.length);
  let left = gutter;
  m.nodes.forEach((name, n) => {
    const isWide = view.wide.has(n);
    const size = isWide ? 28 + tasks[n].length * TASK + GAP : each;
    const centre = isWide ? left + 22 : left + Math.min(size / 2, view.narrow ? 18 : 46);
    nodes.push({ name, left, size, centre, tasks: tasks[n], isWide });
    m.lanes.forEach((lane, l) => { if (lane.node === n) x[l] = centre; });
    if (isWide) tasks[n].forEach((l, k) => { x[l] = left + 44 + k * TASK; });
    left += size;
  });
  const block = clients ? { left: Math.max(left + 6, width - clients), size: client } : null;
  const whole = block ? block.left + clients : left;
  return { nodes, x, block, width: Math.max(whole, width), gutter, tall: nodes.some(n => n.isWide && n.tasks.length) };
}

// nameLanes fills the strip. Pressing a node opens it or shuts it.
function nameLanes(app) {
  const strip = document.getElementById("lanes");
  strip.replaceChildren();
  strip.style.height = app.place.tall ? "166px" : "46px";
  const axis = make("span", "time (s)"), holds = make("span", app.model.head.failed >= 0 ? "holds" : "");
  axis.className = holds.className = "axis";
  holds.style.left = app.place.gutter - 9 + "px";
  axis.style.left = (app.place.gutter - 20) / 2 + "px";
  holds.title = app.model.head.key;
  strip.append(axis, holds);
  app.place.nodes.forEach((node, n) => {
    const button = make("button", node.name + (node.tasks.length && !app.view.narrow ? (node.isWide ? " ▾" : " ▸") : ""));
    button.style.left = node.centre + "px";
    button.style.maxWidth = Math.max(34, node.size - 2) + "px";
    button.disabled = node.tasks.length === 0;
    button.setAttribute("aria-expanded", String(node.isWide));
    button.title = node.tasks.length ? `${node.name}: ${node.tasks.length} tasks` : node.name;
    button.onclick = () => app.toggleNode(n);
    const state = make("span", "");
    state.className = "state";
    state.style.left = node.centre + "px";
    state.id = "state" + n;
    strip.append(button, state);
    if (!node.isWide) return;
    for (const lane of node.tasks) {
      const task = make("span", taskOf(app.model, lane));
      task.className = "task";
      task.title = app.model.lanes[lane].name;
      task.style.left = app.place.x[lane] + "px";
      strip.append(task);
    }
  });
  const end = make("span", "\u00a0"); // so that the strip can be scrolled as far as the picture
  end.className = "client";
  end.style.left = app.place.width + 20 + "px";
  strip.append(end);
  const { block } = app.place;
  if (!block) return;
  app.history.lanes.forEach((name, lane) => {
    const label = make("span", name);
    label.className = "client";
    label.style.left = block.left + lane * block.size + 8 + "px";
    strip.append(label);
  });
}

// tellStates writes above each node how it is at an event: up or not, and what its clock shows.
function tellStates(app, i) {
  app.model.nodes.forEach((_, n) => {
    const words = spansAt(app.model, n, i).filter(s => s.kind !== "fault").map(s => s.kind);
    const clock = clockOf(app.model, n, i);
    if (clock && Math.abs(clock.offset) >= 1e3) words.push("wall " + signed(clock.offset));
    if (clock && clock.steadyPPM) words.push(`steady ${clock.steadyPPM > 0 ? "+" : "−"}${Math.abs(clock.steadyPPM) / 1e4} %`);
    const state = document.getElementById("state" + n), text = words.join(", ");
    if (state && state.textContent !== text) state.textContent = text;
  });
}

function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
