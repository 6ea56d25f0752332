// The trace as the page uses it: columns of numbers, and what belongs to what.

const NOTABLE = 1, LED = 2, NAMED = 4;

function decode(d) {
  const n = d.kind.length;
  const m = {
    count: n, head: d.head, nodes: d.nodes, lanes: d.lanes, kinds: d.kinds, texts: d.texts, text: d.text,
    at: new Float64Array(n), step: new Float64Array(n), lane: Int32Array.from(d.lane),
    kind: Uint8Array.from(d.kind), mark: Uint8Array.from(d.mark), cause: new Int32Array(n),
    messages: d.messages, spans: d.spans, clocks: d.clocks,
    sentBy: new Map(), endedBy: new Map(), choicesOf: new Map(), decidedBy: new Map(),
    keysOf: new Map(d.choices.map(({ at, keys }) => [at, keys])),
  };
  for (let i = 0, at = 0, step = 0; i < n; i++) {
    m.at[i] = at += d.at[i];
    m.step[i] = step += d.step[i];
    m.cause[i] = d.cause[i] ? i - d.cause[i] : -1;
  }
  m.is = Object.fromEntries(d.kinds.map((name, k) => [name, k]));
  for (const message of d.messages) {
    push(m.sentBy, message[0], message);
    if (message[1] >= 0) m.endedBy.set(message[1], message);
  }
  for (const [choice, event] of d.decides) {
    push(m.choicesOf, event, choice);
    m.decidedBy.set(choice, event);
  }
  m.effects = effects(m.cause);
  m.blocks = messageBlocks(m);
  m.histories = d.histories.map(decodeHistory);
  return m;
}

function push(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value); else map.set(key, [value]);
}

// effects turns causes around: those of event i are list[first[i]] to list[first[i + 1] - 1].
function effects(cause) {
  const n = cause.length, first = new Int32Array(n + 2);
  for (const c of cause) if (c >= 0) first[c + 2]++;
  for (let i = 2; i < n + 2; i++) first[i] += first[i - 1];
  const list = new Int32Array(n);
  for (let i = 0; i < n; i++) if (cause[i] >= 0) list[first[cause[i] + 1]++] = i;
  return { first, list };
}

function effectsOf(m, i) { return m.effects.list.subarray(m.effects.first[i], m.effects.first[i + 1]); }

// messageBlocks lists, for every BLOCK events, the messages that are under way there: what is drawn at one
// place is found without looking at all.
const BLOCK = 512;

function messageBlocks(m) {
  const blocks = Array.from({ length: Math.ceil(m.count / BLOCK) || 1 }, () => []);
  for (const message of m.messages) {
    const end = message[1] < 0 ? message[0] : message[1];
    for (let b = message[0] / BLOCK | 0; b <= (end / BLOCK | 0); b++) blocks[b].push(message);
  }
  return blocks;
}

function textOf(m, i) { return m.texts[m.text[i]]; }

function nodeOf(m, i) { return m.lanes[m.lane[i]].node; }

// taskOf is the lane's name without its node, but with the node's restart; empty for the node itself.
function taskOf(m, lane) {
  const name = m.lanes[lane].name, slash = name.indexOf("/");
  if (slash < 0) return "";
  return name.slice(slash + 1) + name.slice(m.nodes[m.lanes[lane].node].length, slash);
}

// pastOf is what an event comes from, latest first: its causes, and what their steps did before it.
function pastOf(m, i) {
  const chain = [];
  for (let c = i; c >= 0; c = m.cause[c]) chain.push(c);
  return chain;
}

// clockOf is what a node's clocks show off at an event: ns, and parts in a million.
function clockOf(m, node, i) {
  let known = null;
  for (const change of m.clocks) {
    if (change[0] > i) break;
    if (change[1] === node) known = change;
  }
  if (!known) return null;
  const [at, , offset, wallPPM, steadyPPM] = known;
  return { offset: offset + (m.at[i] - m.at[at]) * wallPPM / 1e6, wallPPM, steadyPPM };
}

// spansAt are the spans of a node that an event lies in.
function spansAt(m, node, i) {
  return m.spans.filter(s => s.from <= i && (s.to < 0 || i < s.to) && s.nodes.includes(node));
}

function seconds(ns, digits = 6) { return "+" + (ns / 1e9).toFixed(digits) + "s"; }

// duration is a length of time as a person says it.
function duration(ns) {
  const size = Math.abs(ns);
  if (size >= 1e9) return trim(ns / 1e9) + " s";
  if (size >= 1e6) return trim(ns / 1e6) + " ms";
  if (size >= 1e3) return trim(ns / 1e3) + " µs";
  return ns + " ns";
}

function trim(x) { return String(Number(x.toPrecision(4))); }

function signed(ns) { return (ns >= 0 ? "+" : "−") + duration(Math.abs(ns)); }
