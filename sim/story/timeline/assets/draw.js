// The picture. Only the rows in view are drawn, whatever the length of the run.

const ROW = 20;

function readColours() {
  const style = getComputedStyle(document.documentElement), colours = {};
  for (const name of ["ground", "raised", "text", "faint", "line", "rail", "accent", "focus", "bad", "bad-ground", "message",
    "note", "choice", "choice-ground", "clock", "fault", "down", "paused", "stopping", "match", "op", "op-ground"]) {
    colours[name] = style.getPropertyValue("--" + name).trim();
  }
  return colours;
}

function draw(app) {
  const { model: m, rows, place, view, scroller, context: c } = app;
  const top = scroller.scrollTop, width = app.width, height = app.height;
  const first = Math.max(0, Math.floor(top / ROW)), last = Math.min(rows.event.length - 1, Math.ceil((top + height) / ROW));
  const s = {
    app, m, rows, place, view, c, first, last, width, height, colours: app.colours, left: scroller.scrollLeft,
    room: place.block ? Math.min(width, place.block.left - scroller.scrollLeft) : width,
    y: row => row * ROW - top + ROW / 2, x: lane => place.x[lane] - scroller.scrollLeft,
  };
  c.setTransform(app.ratio, 0, 0, app.ratio, 0, 0);
  c.fillStyle = s.colours.ground;
  c.fillRect(0, 0, width, height);
  if (last < first) return;
  drawBands(s);
  drawSpans(s);
  drawLaneLines(s);
  drawClocks(s);
  drawMessages(s);
  drawPast(s);
  drawTies(s);
  for (let row = first; row <= last; row++) drawRow(s, row);
  drawHistory(s);
  drawGutter(s);
}

// drawBands colours whole rows: the failure, the focus, what is pointed at, what was found.
function drawBands(s) {
  const { c, m, app, rows, colours, width } = s;
  const band = (row, colour) => {
    if (row < s.first || row > s.last) return;
    c.fillStyle = colour;
    c.fillRect(0, s.y(row) - ROW / 2, width, ROW);
  };
  for (let row = s.first; row <= s.last; row++) {
    const e = rows.event[row];
    if (e >= 0 && app.found.has(e)) band(row, colours.match);
  }
  if (m.head.failed >= 0) band(rows.rowOf[m.head.failed], colours["bad-ground"]);
  if (app.hover >= 0) band(app.hover, colours.raised);
  if (app.focus >= 0) band(rows.rowOf[app.focus], colours.focus);
}

// drawSpans shades what lasts: a node that is down, paused or stopping over its whole column, each with a
// pattern of its own; faults as a strip at the column's edge.
function drawSpans(s) {
  const { c, m, rows, place } = s;
  const strips = new Map();
  for (const span of m.spans) {
    const from = rows.rowOf[span.from], to = span.to < 0 ? rows.event.length : rows.rowOf[span.to];
    if (to < s.first || from > s.last + 1 || to === from) continue;
    const y0 = Math.max(-ROW, s.y(from)), y1 = Math.min(s.height + ROW, s.y(to));
    for (const n of span.nodes) {
      const node = place.nodes[n], isFault = span.kind === "fault";
      const nth = isFault ? (strips.get(n) || 0) : 0;
      if (isFault) strips.set(n, nth + 1);
      const x = node.left - s.left + (isFault ? 2 + nth % 3 * 13 : 0), w = isFault ? 12 : node.size - 4;
      c.save();
      c.beginPath();
      c.rect(x, y0, w, y1 - y0);
      c.clip();
      shade(s, span.kind, x, y0, w, y1 - y0, s.y(from));
      c.restore();
      alongside(s, spanName(span), x + (isFault ? 6 : node.size - 12), y0, y1, s.colours[span.kind]);
    }
  }
}

// spanName is what stands along a span: a fault's kind, without whom it befalls and when.
function spanName(span) { return span.kind === "fault" ? span.text.split(":")[0] : span.kind; }

function shade(s, kind, x, y, w, h, anchor) {
  const { c } = s;
  c.globalAlpha = 0.14;
  c.fillStyle = s.colours[kind];
  c.fillRect(x, y, w, h);
  c.globalAlpha = 0.5;
  c.strokeStyle = s.colours[kind];
  c.lineWidth = 1;
  c.beginPath();
  const step = kind === "down" ? 10 : kind === "paused" ? 12 : 8;
  const phase = ((anchor - y) % step + step) % step - step;
  for (let at = y + phase - w; at < y + h + w; at += step) {
    if (kind === "paused") { // level lines: time stands still
      c.moveTo(x, at); c.lineTo(x + w, at);
      continue;
    }
    c.moveTo(x, at + w); c.lineTo(x + w, at);
    if (kind === "down") { c.moveTo(x, at); c.lineTo(x + w, at + w); }
  }
  c.stroke();
  c.globalAlpha = 1;
}

// alongside writes downwards within what is in view of a span, if there is room.
function alongside(s, text, x, y0, y1, colour) {
  const { c } = s;
  const from = Math.max(y0, 0) + 6, room = Math.min(y1, s.height) - from - 4;
  if (room < 34) return;
  c.save();
  c.translate(x, from);
  c.rotate(Math.PI / 2);
  c.font = "600 10px system-ui, sans-serif";
  c.textAlign = "left";
  c.textBaseline = "middle";
  halo(s, fit(c, text, room), 0, 0, colour);
  c.restore();
}

function halo(s, text, x, y, colour) {
  s.c.lineWidth = 3.5;
  s.c.lineJoin = "round";
  s.c.strokeStyle = s.colours.ground;
  s.c.strokeText(text, x, y);
  s.c.fillStyle = colour;
  s.c.fillText(text, x, y);
}

// fit shortens a text to a width.
function fit(c, text, width) {
  const size = c.measureText(text).width;
  if (size <= width) return text;
  let kept = Math.floor(text.length * width / size);
  while (kept > 1 && c.measureText(text.slice(0, kept) + "…").width > width) kept--;
  return kept < 2 ? "" : text.slice(0, kept) + "…";
}

function drawLaneLines(s) {
  const { c, place, colours } = s;
  const line = (x, weight, colour) => {
    c.strokeStyle = colour;
    c.lineWidth = weight;
    c.beginPath();
    c.moveTo(Math.round(x) + 0.5, 0);
    c.lineTo(Math.round(x) + 0.5, Math.min(s.height, s.y(s.rows.event.length)));
    c.stroke();
  };
  for (const node of place.nodes) {
    line(node.left - s.left - 1, 1, colours.line);
    if (node.isWide) for (const lane of node.tasks) line(s.x(lane), 1, colours.line);
    line(node.centre - s.left, 1.5, colours.rail);
  }
}

// drawClocks draws beside a lane how far its wall clock is off: to the right when it is ahead.
function drawClocks(s) {
  const { c, m, rows, place, colours } = s;
  for (const [k, clock] of m.clocks.entries()) {
    const [at, n] = clock;
    const next = m.clocks.slice(k + 1).find(later => later[1] === n);
    const from = rows.rowOf[at], to = next ? rows.rowOf[next[0]] : rows.event.length;
    const shown = clockOf(m, n, Math.max(at, eventAt(s, s.first)));
    if (to < s.first || from > s.last || (Math.abs(shown.offset) < 1e3 && !shown.wallPPM && !shown.steadyPPM)) continue;
    const y0 = Math.max(0, s.y(from)), y1 = Math.min(s.height, s.y(to));
    const far = Math.sign(shown.offset || shown.wallPPM || shown.steadyPPM) * (5 + Math.min(15, 2.5 * Math.log10(1 + Math.abs(shown.offset) / 1e5)));
    const x = place.nodes[n].centre - s.left + far;
    c.strokeStyle = colours.clock;
    c.lineWidth = 1.5;
    c.setLineDash([2, 3]);
    c.beginPath();
    c.moveTo(x, y0);
    c.lineTo(x, y1);
    c.stroke();
    c.setLineDash([]);
    alongside(s, clockText(shown), x + Math.sign(far) * 8, y0, y1, colours.clock);
  }
}

function clockText(clock) {
  const words = [];
  if (Math.abs(clock.offset) >= 1e3) words.push("wall clock " + signed(clock.offset));
  if (clock.wallPPM) words.push(`wall clock fast by ${clock.wallPPM} ppm`);
  if (clock.steadyPPM) words.push(`steady clock fast by ${clock.steadyPPM} ppm`);
  return words.join(", ");
}

// eventAt is the event of a row, the first of a fold's.
function eventAt(s, row) {
  const e = s.rows.event[Math.min(row, s.rows.event.length - 1)];
  return e < 0 ? s.rows.folds[-e - 1].first : e;
}

function drawMessages(s) {
  const { m, rows, app } = s;
  const lastFold = foldAt(rows, s.last), lastEvent = lastFold ? lastFold.last : rows.event[s.last];
  const stamp = ++app.stamp;
  for (let b = eventAt(s, s.first) / BLOCK | 0; b <= (lastEvent / BLOCK | 0); b++) {
    for (const message of m.blocks[b] || []) {
      if (message[3] === stamp) continue;
      message[3] = stamp;
      const [send, end, lost] = message;
      const from = rows.rowOf[send], to = end < 0 ? from + 1 : rows.rowOf[end];
      if (to < s.first || from > s.last || from === to && end >= 0) continue;
      const near = isShown(rows, send), far = end >= 0 && isShown(rows, end);
      if (!near && !far) continue;
      drawMessage(s, send, end, lost, from, to, near);
    }
  }
}

function drawMessage(s, send, end, lost, from, to, near) {
  const { c, m, app, colours } = s;
  const x0 = s.x(m.lane[send]), y0 = s.y(from), marked = end >= 0 && app.past.has(end) && app.past.has(send);
  const x1 = end < 0 ? x0 + 14 : s.x(m.lane[end]), y1 = s.y(to) - (end < 0 ? ROW / 2 : 0);
  c.strokeStyle = c.fillStyle = lost ? colours.bad : marked ? colours.accent : colours.message;
  c.lineWidth = marked ? 2.5 : 1.2;
  c.globalAlpha = marked || lost || app.past.size === 0 ? 1 : 0.5;
  c.setLineDash(lost ? [5, 4] : near ? [] : [1, 3]);
  c.beginPath();
  c.moveTo(x0, y0);
  c.lineTo(x1, y1);
  c.stroke();
  c.setLineDash([]);
  if (end < 0) c.fillText("…", x1 + 2, y1);
  else if (!lost) arrowHead(c, x0, y0, x1, y1, marked ? 9 : 7);
  c.globalAlpha = 1;
}

function arrowHead(c, x0, y0, x1, y1, size) {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const tipX = x1 - 4 * Math.cos(angle), tipY = y1 - 4 * Math.sin(angle);
  c.beginPath();
  c.moveTo(tipX, tipY);
  c.lineTo(tipX - size * Math.cos(angle - 0.4), tipY - size * Math.sin(angle - 0.4));
  c.lineTo(tipX - size * Math.cos(angle + 0.4), tipY - size * Math.sin(angle + 0.4));
  c.fill();
}

// drawPast joins the causes of the event in focus.
function drawPast(s) {
  const { c, m, app, rows, colours } = s;
  c.strokeStyle = colours.accent;
  c.lineWidth = 2.5;
  for (const i of app.past) {
    const cause = m.cause[i];
    if (cause < 0 || m.kind[i] === m.is.drop) continue; // what is lost has its own line
    const to = rows.rowOf[i], from = rows.rowOf[cause];
    if (to < s.first) break; // they come latest first
    if (from > s.last) continue;
    c.beginPath();
    c.moveTo(s.x(m.lane[cause]), s.y(from));
    c.lineTo(s.x(m.lane[i]), s.y(to));
    c.stroke();
  }
}
