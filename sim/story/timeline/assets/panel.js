// The event in focus, in words.

const MOST_LISTED = 25;

function tellPanel(app) {
  const panel = document.getElementById("panel"), { model: m, focus: i } = app;
  panel.replaceChildren();
  if (app.op >= 0) return tellOperation(app);
  if (i < 0) return panel.append(make("p", "Point at an event, or press an arrow key."));
  const kind = m.kinds[m.kind[i]];
  const title = make("h2", `${m.lanes[m.lane[i]].name} · ${kindWords[kind] || kind}`);
  if (kind === "fail" || kind === "drop") title.className = "bad";
  panel.append(title);
  if (textOf(m, i)) panel.append(make("p", textOf(m, i), { class: "what" }));
  panel.append(facts(factsOf(m, i)));
  listEvents(app, panel, "its message", messageEvents(m, i), i);
  if (app.history) listOperations(app, panel, "operations called or answered in this step", app.history.at.get(i) || []);
  listEvents(app, panel, "choices made for it", m.choicesOf.get(i) || []);
  if (m.decidedBy.has(i)) listEvents(app, panel, "what it was made for", [m.decidedBy.get(i)]);
  if (i === m.head.failed) {
    const [list, count] = namedChoices(m);
    const all = m.head.matters ? m.head.matters.replace(/:$/, "") : "choices that the failure file names";
    listEvents(app, panel, list.length === count ? all : `on its way, of ${count} choices that the failure file names`, list);
  }
  const past = pastOf(m, i).slice(1).filter(j => m.kind[j] !== m.is.step || !onlyWentOn(m, j));
  listEvents(app, panel, "why: its causes, latest first", past);
  listEvents(app, panel, "what came of it", [...effectsOf(m, i)]);
  listEvents(app, panel, `the rest of step ${m.step[i]}`, sameStep(m, i), i);
}

const kindWords = {
  step: "a task goes on", start: "a task starts", end: "a task ends", note: "a fact was noted", log: "a line was logged",
  send: "a message is sent", deliver: "a message arrives", drop: "a message is lost", fault: "a fault",
  node: "the node", clock: "its clock", world: "outside the nodes", fail: "the failure", choice: "a choice that was not quiet",
};

// namedChoices are the notable ones of those that the failure file names, and how many it names.
function namedChoices(m) {
  const list = [];
  let count = 0;
  for (let i = 0; i < m.count; i++) {
    if (!(m.mark[i] & NAMED)) continue;
    count++;
    if (m.mark[i] & NOTABLE) list.push(i);
  }
  return [list, count];
}

function factsOf(m, i) {
  const node = nodeOf(m, i), list = [["time", seconds(m.at[i], 9)], ["step", String(m.step[i])]];
  const clock = clockOf(m, node, i);
  if (clock) list.push(["clocks", clockText(clock) || "true"]);
  for (const span of spansAt(m, node, i)) list.push([span.kind === "fault" ? "fault" : "node is", span.kind === "fault" ? span.text : span.kind]);
  const text = textOf(m, i);
  for (const key of m.keysOf.get(i) || []) list.push(["choice", key]);
  for (const [, key, , quoted, plain] of text.matchAll(/(?:^|[\s,])([\w.]+)=("((?:[^"\\]|\\.)*)"|[^\s,]+)/g)) {
    if (m.kinds[m.kind[i]] !== "choice") list.push([key, quoted ?? plain ?? text.split(key + "=")[1].split(/[\s,]/)[0]]);
  }
  if (m.mark[i] & LED) list.push(["", "leads to the failure"]);
  if (m.mark[i] & NAMED) list.push(["", m.head.matters ? "one of the choices that matter" : "named by the failure file"]);
  return list;
}

function facts(list) {
  const element = make("dl", "");
  for (const [name, value] of list) element.append(make("dt", name), make("dd", value));
  return element;
}

// messageEvents are the sending and the ends of the message that an event is part of.
function messageEvents(m, i) {
  const own = m.endedBy.get(i), send = own ? own[0] : m.sentBy.has(i) ? i : -1;
  if (send < 0) return [];
  return [send, ...m.sentBy.get(send).map(message => message[1]).filter(end => end >= 0)];
}

function sameStep(m, i) {
  let first = i, last = i;
  while (first > 0 && m.step[first - 1] === m.step[i] && i - first < 200) first--;
  while (last + 1 < m.count && m.step[last + 1] === m.step[i] && last - i < 200) last++;
  const list = [];
  for (let j = first; j <= last; j++) if (m.kinds[m.kind[j]] !== "choice") list.push(j);
  return list.length > 1 ? list : [];
}

// listEvents lists events as buttons that lead to them.
function listEvents(app, panel, title, events, current = -1) {
  if (events.length === 0) return;
  const { model: m } = app, list = make("ol", "");
  const from = current >= 0 ? Math.max(0, events.indexOf(current) - MOST_LISTED / 2 | 0) : 0;
  const shown = events.slice(from, from + MOST_LISTED);
  for (const j of shown) {
    const item = make("li", ""), button = make("button", "");
    button.append(make("time", seconds(m.at[j]) + " "), `${m.lanes[m.lane[j]].name}: ${words(m, j)}`);
    button.onclick = () => app.show(j);
    if (j === current) item.setAttribute("aria-current", "true");
    item.append(button);
    list.append(item);
  }
  panel.append(make("h3", title + (events.length > shown.length ? ` (${shown.length} of ${events.length})` : "")), list);
}

function words(m, i) {
  const kind = m.kinds[m.kind[i]], text = textOf(m, i);
  switch (kind) {
    case "step": return goesOn(m, i);
    case "start": case "end": return kind + "s";
    case "note": return text;
    case "log": return `logged: ${logged(text)}`;
    case "deliver": return `got ${text}`;
    case "drop": return `lost: ${text}`;
    case "choice": return text;
    default: return `${kind} ${text}`;
  }
}

// saidOf is an event as a screen reader says it.
function saidOf(m, i) {
  return `${seconds(m.at[i])}, ${m.lanes[m.lane[i]].name}, ${words(m, i)}${m.mark[i] & LED ? ", leads to the failure" : ""}`;
}
