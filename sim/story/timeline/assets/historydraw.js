// The picture of a history: a bar an operation, from its call to its answer, and the order as a line through them.

const BAR = 12, INDENT = 15; // of a lane's bars from its edge

function drawHistory(s) {
  const { app, c, place, colours, height } = s, h = app.history, block = place.block;
  if (!block) return;
  const top = app.scroller.scrollTop, y = rows => rows * ROW - top, x = lane => block.left + lane * block.size + INDENT - s.left;
  for (let lane = 0; lane < h.lanes.length; lane++) {
    const edge = Math.round(x(lane) - INDENT) + 0.5;
    c.strokeStyle = colours.line;
    c.lineWidth = 1;
    join(c, edge, 0, edge, height);
    drawOpenEnds(s, lane, x(lane) - 8, y);
    let below = Infinity; // what is drawn already, and leaves no room for a label
    for (const k of operationsBetween(app, lane, top / ROW, (top + height) / ROW)) {
      below = drawOperation(s, k, x(lane), y, below);
    }
  }
  drawOrder(s, x, y);
}

// drawOpenEnds draws beside a lane's bars how long what was never answered may still have happened.
function drawOpenEnds(s, lane, x, y) {
  const { app, c, colours } = s, h = app.history, first = h.openFrom[lane];
  if (first < 0) return;
  c.strokeStyle = colours.op;
  c.lineWidth = 1.5;
  c.setLineDash([2, 4]);
  c.beginPath();
  c.moveTo(x, Math.max(0, y(app.marks[h.call[first]])));
  c.lineTo(x, Math.min(s.height, y(s.rows.event.length)));
  c.stroke();
  c.setLineDash([]);
}

// drawOperation draws one, and returns where it begins.
function drawOperation(s, k, x, y, below) {
  const { app, c, colours } = s, h = app.history, [from, to] = heightsOf(app, k).map(y);
  const isBroken = k === h.broken, isAgainst = h.against.has(k), chosen = k === app.op, special = isBroken || isAgainst || chosen;
  if (below - from < 1 && !special) return below; // in a fold there are many of them
  const happened = h.ending[k] === RETURNED || h.ending[k] === OPEN;
  const colour = isBroken ? colours.bad : isAgainst ? colours.choice : happened ? colours.op : colours.faint;
  const h0 = Math.max(3, to - from);
  c.fillStyle = isBroken ? colours["bad-ground"] : happened ? colours["op-ground"] : colours.ground;
  c.fillRect(x - BAR / 2, from, BAR, h0);
  c.strokeStyle = colour;
  c.lineWidth = special ? 2.5 : 1.2;
  c.setLineDash(happened && h.order[k] ? [] : [3, 2]);
  c.strokeRect(x - BAR / 2, from, BAR, h0);
  c.setLineDash([]);
  if (isOpen(h, k)) join(c, x - 8, from + h0, x - BAR / 2, from + h0);
  if (h.ending[k] !== RETURNED && h.seen[k] >= 0) sign(c, colours, "note", x, y(app.marks[h.seen[k]]), 0);
  if (isBroken) sign(c, colours, "fail", x, to, 0);
  const at = Math.max(from + 6, Math.min(to - 6, 12)); // what began above is named where it comes into view
  if (below - at < 11 && !special) return from;
  c.font = (special ? "600 " : "") + "11px system-ui, sans-serif";
  c.textAlign = "left";
  c.textBaseline = "middle";
  const room = s.place.block.size - INDENT - BAR / 2 - 7;
  halo(s, fit(c, labelOfOperation(h, k), room), x + BAR / 2 + 5, at, isBroken ? colours.bad : happened ? colours.text : colours.faint);
  return Math.min(from, at - 5);
}

function labelOfOperation(h, k) {
  const answer = h.ending[k] === RETURNED && answerOf(h, k) === "done" ? "" : ": " + answerOf(h, k);
  return `${h.order[k] ? h.order[k] + " " : ""}${askedOf(h, k)}${answer}`;
}

function join(c, x0, y0, x1, y1) {
  c.beginPath();
  c.moveTo(x0, y0);
  c.lineTo(x1, y1);
  c.stroke();
}

// drawTies leads from the ends of the operation in focus to the rows in which they happened.
function drawTies(s) {
  const { c, colours, app, place } = s, h = app.history, k = app.op;
  if (k < 0 || !place.block) return;
  const x = place.block.left + h.lane[k] * place.block.size + INDENT - BAR / 2 - s.left;
  c.strokeStyle = colours.accent;
  c.lineWidth = 1.2;
  c.setLineDash([4, 3]);
  for (const rows of heightsOf(app, k).slice(0, h.end[k] >= 0 ? 2 : 1)) {
    const y = rows * ROW - app.scroller.scrollTop;
    join(c, place.gutter, y, x, y);
  }
  c.setLineDash([]);
}

// drawOrder leads through the moments at which the operations may have happened.
function drawOrder(s, x, y) {
  const { app, c, colours, height, place } = s, h = app.history, all = h.ordered;
  const at = k => y(app.marks[h.point[k]]);
  const first = firstAfter(all.length, i => at(all[i]) >= 0), past = firstAfter(all.length, i => at(all[i]) > height);
  const isBeside = k => app.marks[h.point[k]] > heightsOf(app, k)[1]; // of the bar of what has no end
  const seen = all.slice(Math.max(0, first - 1), past + 1).map(k => [x(h.lane[k]) - (isBeside(k) ? 8 : 0), at(k), k]);
  c.strokeStyle = c.fillStyle = colours.note;
  c.lineWidth = 1.5;
  c.globalAlpha = 0.75;
  c.beginPath();
  seen.forEach(([px, py], i) => i ? c.lineTo(px, py) : c.moveTo(px, py));
  c.stroke();
  c.globalAlpha = 1;
  c.font = "600 11px system-ui, sans-serif";
  c.textAlign = "left";
  let last = -Infinity;
  for (const [px, py, k] of seen) {
    if (py - last < 1) continue;
    if (isBeside(k)) halo(s, fit(c, labelOfOperation(h, k), place.block.size - INDENT - 2), px + 9, py, colours.note);
    last = py;
    c.beginPath();
    c.arc(px, py, 3.5, 0, 2 * Math.PI);
    c.fill();
  }
}
