// Finding events: every word must be in an event's text, lane or kind.

const MOST_FOUND = 20000;

function search(app, query) {
  const { model: m } = app;
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  app.found.clear();
  app.foundList = [];
  if (wanted.length > 0) {
    const lower = list => list.map(text => text.toLowerCase());
    const texts = lower(m.texts), lanes = lower(m.lanes.map(lane => lane.name)), kinds = lower(m.kinds);
    for (let i = 0; i < m.count && app.foundList.length < MOST_FOUND; i++) {
      const hit = word => texts[m.text[i]].includes(word) || lanes[m.lane[i]].includes(word) || kinds[m.kind[i]] === word;
      if (!isLeftOut(app, i) && wanted.every(hit)) {
        app.found.add(i);
        app.foundList.push(i);
      }
    }
  }
  app.strip = null;
  tellMatches(app);
  app.redraw();
}

// isLeftOut tells whether the reader does not want to see an event.
function isLeftOut({ model: m, view }, i) {
  return view.hidden[m.kind[i]] || m.kind[i] === m.is.choice && !view.everyChoice && !(m.mark[i] & NOTABLE);
}

// goToMatch focuses the next match in a direction.
function goToMatch(app, direction) {
  const list = app.foundList;
  if (list.length === 0) return;
  let k = list.findIndex(i => i >= app.focus);
  if (k < 0) k = list.length;
  if (direction > 0 && list[k] === app.focus) k++;
  if (direction < 0) k--;
  app.show(list[(k + list.length) % list.length]);
  tellMatches(app);
}

function tellMatches(app) {
  const list = app.foundList, at = list.indexOf(app.focus);
  const most = list.length === MOST_FOUND ? "+" : "";
  document.getElementById("matches").textContent = document.getElementById("query").value.trim() === "" ? ""
    : list.length === 0 ? "none" : at >= 0 ? `${at + 1} of ${list.length}${most}` : `${list.length}${most}`;
}
