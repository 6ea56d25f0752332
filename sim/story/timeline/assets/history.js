// A history: what clients asked and were answered, and the order found. It stands beside the nodes, on the same rows.

const OPEN = 0, RETURNED = 1; // how an operation ended; otherwise it did not happen

function decodeHistory(h) {
  const events = new Int32Array(h.marks.length), byLane = h.lanes.map(() => []), at = new Map();
  h.marks.forEach((later, i) => { events[i] = (i ? events[i - 1] : 0) + later; });
  h.client.forEach((_, k) => {
    byLane[h.lane[k]].push(k);
    push(at, events[h.call[k]], k);
    if (h.end[k] >= 0 && events[h.end[k]] !== events[h.call[k]]) push(at, events[h.end[k]], k);
  });
  const ordered = h.client.map((_, k) => k).filter(k => h.order[k]).sort((a, b) => h.order[a] - h.order[b]);
  const others = h.client.map((_, k) => k).filter(k => !h.order[k]);
  return { ...h, count: h.client.length, events, byLane, at, ordered, all: [...ordered, ...others], against: new Set(h.with),
    openFrom: byLane.map(lane => lane.find(k => isOpen(h, k)) ?? -1) };
}

// isOpen tells an operation of which nobody knows when it was over.
function isOpen(h, k) { return h.ending[k] === OPEN && h.seen[k] < 0; }

// placeMarks gives each mark its height, in rows: what happens at one row is spread over it, in its order.
function placeMarks(h, rows) {
  const y = new Float64Array(h.events.length);
  for (let i = 0, next = 0; i < y.length; i = next) {
    const row = rows.rowOf[h.events[i]];
    while (next < y.length && rows.rowOf[h.events[next]] === row) next++;
    for (let k = i; k < next; k++) y[k] = row + (k - i + 1) / (next - i + 1);
  }
  return y;
}

// heightsOf are where an operation's bar begins and ends, in rows. One that has no end is as short as can be.
function heightsOf(app, k) {
  const { history: h, marks } = app, from = marks[h.call[k]];
  const end = h.end[k] >= 0 ? h.end[k] : h.seen[k];
  return [from, end >= 0 ? marks[end] : from + 0.4];
}

// operationUnder finds the operation at a place in the picture, or -1.
function operationUnder(app, x, y) {
  const { history: h, place } = app, block = place.block;
  if (!block) return -1;
  const lane = Math.floor((x + app.scroller.scrollLeft - block.left) / block.size);
  if (lane < 0 || lane >= h.byLane.length || x < place.gutter) return -1;
  const row = (y + app.scroller.scrollTop) / ROW;
  let best = -1, nearest = 0.5;
  for (const k of operationsBetween(app, lane, row - 1, row + 1)) {
    const [from, to] = heightsOf(app, k), far = row < from ? from - row : row > to ? row - to : 0;
    if (far < nearest || far === nearest && far === 0) [best, nearest] = [k, far];
  }
  return best;
}

// operationsBetween lists a lane's operations that have a bar between two heights, the latest first.
function operationsBetween(app, lane, top, bottom) {
  const { history: h, marks } = app, all = h.byLane[lane], found = [];
  let k = firstAfter(all.length, i => marks[h.call[all[i]]] > bottom) - 1;
  for (; k >= 0; k--) {
    const to = heightsOf(app, all[k])[1];
    if (to >= top) found.push(all[k]);
    else if (h.ending[all[k]] !== OPEN) break; // a client had its answer before it asked again
  }
  return found;
}

// firstAfter finds the first of n for which something holds that then holds for all that follow.
function firstAfter(n, holds) {
  let low = 0, high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle; else low = middle + 1;
  }
  return low;
}

function askedOf(h, k) { return h.texts[h.asked[k]]; }

function answerOf(h, k) { return h.texts[h.answer[k]]; }

function saidOfOperation(app, k) {
  const { history: h } = app;
  const place = k === h.broken || !h.order[k] ? "has no place in the order" : `number ${h.order[k]} in the order`;
  return `client ${h.client[k]}, ${askedOf(h, k)}: ${answerOf(h, k)}, ${place}`;
}
