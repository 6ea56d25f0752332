// What stands above the picture, and the help.

function tellHead(m) {
  const h = m.head, byID = id => document.getElementById(id);
  const by = h.who ? `, by ${h.who}` : "";
  byID("headline").textContent = `${h.invariant ? `invariant “${h.key}” broken` : `failed: ${h.key}`} at step ${h.step}, ${seconds(h.at)}${by}`;
  byID("message").textContent = h.message;
  byID("origin").textContent = `${h.scenario}: ${h.origin}`;
  const list = byID("facts"), add = (name, value) => list.append(make("dt", name), typeof value === "string" ? make("dd", value) : value);
  if (h.replay) add("replay", replayLine(h.replay));
  add("faults", h.faults.length ? h.faults.join("; ") : "none");
  for (const [name, value] of h.drawn) add(name, value);
  add("events", `${m.count}${h.omitted ? `, the last of ${m.count + h.omitted}` : ""}`);
  add("built with", h.build);
  add("trace", h.trace);
  if (h.stack) {
    const stack = make("dd", "");
    stack.append(make("pre", h.stack));
    add("stack", stack);
  }
}

function replayLine(text) {
  const line = make("dd", ""), copy = make("button", "copy");
  copy.setAttribute("aria-label", "Copy the replay line");
  copy.onclick = async () => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(line.firstChild);
    }
  };
  line.append(make("code", text), " ", copy);
  return line;
}

const KEYS = [
  ["↑ ↓", "the event before, after"], ["← →", "its cause, its first effect"], ["PgUp PgDn", "a page of them"],
  ["Home End", "the first, the last"], ["e", "the failure"], ["Enter", "open or shut a fold"],
  ["h", "the operation that has no place in the order, or the first"], ["o O", "the next operation in the order, the one before"],
  ["f", "fold what is uneventful, or nothing"], ["/", "search; then n and N for the next and previous match"],
  ["Esc", "leave search or help; forget the focus"], ["?", "this help"],
];

const SIGNS = [
  ["fail", "the failure"], ["choice", "a choice that was not quiet; filled: one that matters, or that the failure file names"],
  ["note", "a fact that the program noted"], ["send", "a message is sent"], ["deliver", "it arrives"], ["drop", "it is lost"],
  ["fault", "a fault begins or ends"], ["node", "a node boots, crashes, stops, pauses"], ["clock", "a clock is changed"],
  ["log", "a line was logged"], ["world", "something outside the nodes"], ["step", "a task goes on"],
  ["start", "a task starts"], ["end", "a task ends"],
];

function fillHelp(app) {
  const help = document.getElementById("help"), keys = make("dl", ""), signs = make("dl", "");
  help.replaceChildren();
  for (const [key, what] of KEYS) {
    const name = make("dt", "");
    name.append(make("kbd", key));
    keys.append(name, make("dd", what));
  }
  for (const [kind, what] of SIGNS) {
    const name = make("dt", ""), canvas = document.createElement("canvas");
    canvas.width = canvas.height = 22 * app.ratio;
    canvas.style.width = canvas.style.height = "22px";
    const c = canvas.getContext("2d");
    c.scale(app.ratio, app.ratio);
    sign(c, app.colours, kind, 11, 11, NAMED);
    name.append(canvas);
    signs.append(name, make("dd", what));
  }
  const shading = make("p", "Shaded: slanted lines, a fault; crossed, a node that is down; level, one that is paused. " +
    "Dotted beside a lane: its clock is off. The line at the left is what must hold: ✓ until it broke at ✗. " +
    "In blue: the causes of the event in focus. Press a node's name to see its tasks as lanes.");
  const history = make("p", "At the right, where a history was judged: a bar an operation, from its call to its answer. The line leads through " +
    "the moments at which they may have happened, in the order found; a number is the place in it. Where no order explains every answer, " +
    "✗ is the first that none explains, and framed with it are those that contradict it; what is dashed has no place, or did not happen. " +
    "Dotted beside a lane: something was never answered, and may have happened until the end, or never.");
  const close = make("button", "close");
  close.onclick = () => help.close();
  close.className = "close";
  help.append(close, make("h2", "Keys"), keys, make("h2", "Signs"), signs, shading, history);
}
