// The whole run in a strip: where something notable is, and which part is in view.

// drawOverview draws the strip anew only where the run is laid out anew: it looks at every event.
function drawOverview(app) {
  const canvas = app.overview, c = canvas.getContext("2d"), height = canvas.clientHeight;
  if (!app.strip || app.strip.height !== Math.round(height * app.ratio)) app.strip = paintStrip(app, height);
  canvas.width = app.strip.width;
  canvas.height = app.strip.height;
  c.drawImage(app.strip, 0, 0);
  c.scale(app.ratio, app.ratio);
  const whole = Math.max(1, app.rows.event.length) * ROW;
  c.strokeStyle = app.colours.accent;
  c.lineWidth = 1.5;
  c.strokeRect(1, app.scroller.scrollTop / whole * height + 1, 14, Math.max(6, app.height / whole * height - 2));
}

function paintStrip(app, height) {
  const { rows, model: m, colours } = app, canvas = document.createElement("canvas"), c = canvas.getContext("2d");
  canvas.width = Math.round(16 * app.ratio);
  canvas.height = Math.round(height * app.ratio);
  c.scale(app.ratio, app.ratio);
  const at = i => rows.rowOf[i] / Math.max(1, rows.event.length) * height;
  const tick = (i, colour, x, w, h) => { c.fillStyle = colour; c.fillRect(x, at(i) - h / 2, w, h); };
  c.globalAlpha = 0.5;
  for (const span of m.spans) {
    c.fillStyle = colours[span.kind];
    c.fillRect(1, at(span.from), 3, Math.max(2, (span.to < 0 ? height : at(span.to)) - at(span.from)));
  }
  c.globalAlpha = 1;
  for (const [, end, lost] of m.messages) if (lost) tick(end, colours.bad, 5, 4, 1.5);
  for (let i = 0; i < m.count; i++) if (m.mark[i] & NAMED && m.mark[i] & NOTABLE) tick(i, colours.choice, 5, 6, 2);
  for (const i of app.found) tick(i, colours.accent, 10, 5, 2);
  for (const h of m.histories) if (h.broken >= 0) tick(h.events[h.call[h.broken]], colours.bad, 8, 8, 3);
  if (m.head.failed >= 0) tick(m.head.failed, colours.bad, 0, 16, 4);
  return canvas;
}

// steerOverview goes to where the strip is pressed.
function steerOverview(app) {
  const go = event => {
    const share = event.offsetY / app.overview.clientHeight;
    app.scroller.scrollTop = share * app.rows.event.length * ROW - app.height / 2;
  };
  app.overview.onpointerdown = event => {
    app.overview.setPointerCapture(event.pointerId);
    go(event);
  };
  app.overview.onpointermove = event => { if (event.buttons) go(event); };
}
