// One row: its sign, its words, its time.

function drawRow(s, row) {
  const { c, m, rows, app, colours } = s;
  const y = s.y(row), fold = foldAt(rows, row);
  c.textBaseline = "middle";
  if (fold) {
    c.font = "italic 11px system-ui, sans-serif";
    c.textAlign = "left";
    halo(s, fit(c, "⋯ " + foldText(m, fold), s.room - s.place.gutter - 12), s.place.gutter + 8, y, colours.faint);
    return;
  }
  const i = rows.event[row], x = s.x(m.lane[i]);
  const isPast = app.past.has(i), dim = app.past.size > 0 && !isPast && i !== m.head.failed;
  c.globalAlpha = dim ? 0.7 : 1;
  if (isPast) ring(s, x, y, 8, colours.accent);
  sign(c, colours, m.kinds[m.kind[i]], x, y, m.mark[i]);
  drawLabel(s, i, x, y, isPast);
  c.globalAlpha = 1;
}

function ring(s, x, y, radius, colour) {
  s.c.strokeStyle = colour;
  s.c.lineWidth = 2;
  s.c.beginPath();
  s.c.arc(x, y, radius, 0, 2 * Math.PI);
  s.c.stroke();
}

// drawLabel writes beside the sign, on the side that has room.
function drawLabel(s, i, x, y, isPast) {
  const { c, m, colours } = s;
  const kind = m.kinds[m.kind[i]], failed = i === m.head.failed;
  c.font = (failed || isPast ? "600 " : "") + "12px system-ui, sans-serif";
  const seenLeft = x >= s.place.gutter - 2, seenRight = x <= s.room;
  const from = Math.max(x, s.place.gutter - 8), to = Math.min(x, s.room + 6);
  let text = labelOf(m, i, s.place);
  if (!seenLeft) text = `◂ ${m.nodes[nodeOf(m, i)]} ${text}`; // its lane is scrolled away
  if (!seenRight) text = `${m.nodes[nodeOf(m, i)]} ▸ ${text}`;
  const size = c.measureText(text).width;
  const right = s.room - from - 18, left = to - s.place.gutter - 14;
  const toRight = seenRight && (size <= right || right >= left);
  c.textAlign = toRight ? "left" : "right";
  const colour = failed || kind === "drop" ? colours.bad : kind === "choice" ? colours.choice
    : kind === "fault" ? colours.fault : kind === "clock" ? colours.clock : colours.text;
  halo(s, fit(c, text, toRight ? right : left), toRight ? from + 12 : to - 12, y, colour);
}

// labelOf is an event in a line. Where a node's tasks share its lane, it says which one it was.
function labelOf(m, i, place) {
  const lane = m.lane[i], task = taskOf(m, lane), kind = m.kinds[m.kind[i]];
  let text = textOf(m, i);
  if (kind === "step") text = goesOn(m, i);
  if (kind === "start" || kind === "end") text = kind + "s";
  if (kind === "log") text = logged(text);
  if (kind === "drop") text = "lost: " + text;
  if (kind === "choice") text = "choice: " + text;
  if (kind === "deliver") text = "got " + text;
  if (kind === "fail") text = (m.head.invariant ? "BROKEN: " : "FAILED: ") + text;
  return task && !place.nodes[m.lanes[lane].node].isWide ? task + ": " + text : text;
}

// goesOn says why a task went on. Where it had only just gone on, and nobody did anything since, that is why.
function goesOn(m, i) {
  while (onlyWentOn(m, i)) i = m.cause[i];
  const cause = m.cause[i];
  if (cause < 0) return "goes on";
  const kind = m.kinds[m.kind[cause]];
  if (kind === "deliver") return "woken by a message";
  if (kind === "start") return "begins";
  if (m.lane[cause] !== m.lane[i]) return `woken by ${taskOf(m, m.lane[cause]) || m.lanes[m.lane[cause]].name}`;
  const waited = m.at[i] - m.at[cause];
  return waited > 0 ? `goes on after ${duration(waited)}` : "goes on, others went first";
}

// onlyWentOn tells a step that comes from one of the same task, with nothing in between.
function onlyWentOn(m, i) {
  const cause = m.cause[i];
  if (cause < 0 || m.kind[cause] !== m.is.step || m.lane[cause] !== m.lane[i] || m.at[cause] !== m.at[i]) return false;
  let next = cause + 1;
  while (m.kind[next] === m.is.choice || m.kind[next] === m.is.log) next++;
  return next === i;
}

// logged puts what a line says before its fields.
function logged(text) {
  const parts = text.match(/^level=(\w+) msg=(?:"((?:[^"\\]|\\.)*)"|(\S+)) ?(.*)$/);
  if (!parts) return text;
  const level = parts[1] === "INFO" ? "" : parts[1] + " ";
  return `${level}${parts[2] ?? parts[3]} ${parts[4]}`.trim();
}

// sign draws an event's shape: kinds differ in form, not only in colour.
function sign(c, colours, kind, x, y, marks) {
  const path = (...points) => {
    c.beginPath();
    points.forEach(([dx, dy], k) => k ? c.lineTo(x + dx, y + dy) : c.moveTo(x + dx, y + dy));
    c.closePath();
  };
  const circle = r => { c.beginPath(); c.arc(x, y, r, 0, 2 * Math.PI); };
  const show = (fill, stroke) => {
    c.fillStyle = fill; c.fill();
    c.strokeStyle = stroke; c.lineWidth = 1.5; c.stroke();
  };
  const cross = (r, colour, weight) => {
    c.strokeStyle = colour; c.lineWidth = weight;
    c.beginPath();
    c.moveTo(x - r, y - r); c.lineTo(x + r, y + r); c.moveTo(x + r, y - r); c.lineTo(x - r, y + r);
    c.stroke();
  };
  switch (kind) {
    case "step": circle(2.5); return show(colours.ground, colours.faint);
    case "start": path([-4, -3], [4, -3], [0, 4]); return show(colours.ground, colours.faint);
    case "end": path([-4, -1], [4, -1], [4, 1], [-4, 1]); return show(colours.faint, colours.faint);
    case "note": circle(4); return show(colours.note, colours.note);
    case "log": path([-4, -4], [4, -4], [4, 4], [-4, 4]); return show(colours.ground, colours.faint);
    case "send": path([-3, -4], [5, 0], [-3, 4]); return show(colours.message, colours.message);
    case "deliver": path([-4, -4], [4, -4], [0, 4]); return show(colours.message, colours.message);
    case "drop": return cross(5, colours.bad, 2.5);
    case "fault": path([0, -6], [6, 5], [-6, 5]); return show(colours.fault, colours.fault);
    case "node": path([-5, -5], [5, -5], [5, 5], [-5, 5]); return show(colours.text, colours.text);
    case "clock":
      circle(5); show(colours.ground, colours.clock);
      c.beginPath(); c.moveTo(x, y - 4); c.lineTo(x, y); c.lineTo(x + 3, y); return c.stroke();
    case "world": circle(4); return show(colours.ground, colours.text);
    case "fail":
      circle(8); show(colours.ground, colours.bad);
      return cross(4, colours.bad, 2.5);
    default: // a choice
      path([0, -6], [6, 0], [0, 6], [-6, 0]);
      return show(marks & NAMED ? colours["choice-ground"] : colours.ground, colours.choice);
  }
}

// drawGutter writes the times, and between rows the time that passes; beside them runs the line of what must
// hold, until it broke.
function drawGutter(s) {
  const { c, m, rows, app, colours, place } = s;
  const rail = place.gutter - 9, failed = m.head.failed >= 0 ? rows.rowOf[m.head.failed] : rows.event.length;
  c.fillStyle = colours.ground;
  c.fillRect(0, 0, place.gutter - 1, s.height);
  for (let row = s.first; row <= s.last; row++) {
    const i = eventAt(s, row), before = row > 0 ? beforeRow(rows, row) : -1;
    const gap = before >= 0 ? m.at[i] - m.at[before] : 0;
    const y = s.y(row);
    if (app.focus >= 0 && rows.rowOf[app.focus] === row) {
      c.fillStyle = colours.focus;
      c.fillRect(0, y - ROW / 2, place.gutter - 1, ROW);
    }
    if (gap >= 10e6) drawGap(s, y - ROW / 2, gap);
    if (app.found.has(i) && !foldAt(rows, row)) drawFound(s, y);
    if (row > s.first && before >= 0 && gap === 0) continue;
    c.font = "11px ui-monospace, Menlo, Consolas, monospace";
    c.textAlign = "right";
    c.fillStyle = colours.faint;
    c.fillText((m.at[i] / 1e9).toFixed(6), rail - 10, y);
  }
  c.lineWidth = 3;
  c.strokeStyle = colours.note;
  c.beginPath();
  c.moveTo(rail, 0);
  c.lineTo(rail, Math.max(0, Math.min(s.height, s.y(failed))));
  c.stroke();
  c.strokeStyle = colours.bad;
  c.setLineDash([2, 4]);
  c.beginPath();
  c.moveTo(rail, Math.max(0, s.y(failed)));
  c.lineTo(rail, s.height);
  c.stroke();
  c.setLineDash([]);
  c.font = "bold 12px system-ui, sans-serif";
  c.textAlign = "center";
  if (failed > s.first) halo(s, "✓", rail, 10, colours.note);
  if (failed >= s.first && failed <= s.last) halo(s, "✗", rail, s.y(failed), colours.bad);
}

function beforeRow(rows, row) {
  const fold = foldAt(rows, row - 1);
  return fold ? fold.last : rows.event[row - 1];
}

function drawFound(s, y) {
  s.c.font = "bold 11px system-ui, sans-serif";
  s.c.textAlign = "left";
  s.c.fillStyle = s.colours.accent;
  s.c.fillText("▸", 1, y);
}

function drawGap(s, y, gap) {
  const { c, colours } = s;
  c.strokeStyle = colours.faint;
  c.lineWidth = 1;
  c.setLineDash([1, 5]);
  c.beginPath();
  c.moveTo(0, y);
  c.lineTo(s.width, y);
  c.stroke();
  c.setLineDash([]);
  c.font = "10px system-ui, sans-serif";
  c.textAlign = "right";
  if (s.room > s.place.gutter + 90) halo(s, duration(gap) + " pass", s.room - 6, y, colours.faint);
}
