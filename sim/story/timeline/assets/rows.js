// What is shown, one event or one fold a row.

// makeRows lays the events out. view.hidden[kind] leaves a kind out, as does view.everyChoice those
// choices that are not notable; view.folded folds what is not notable, and
// view.opened holds the first events of folds that are open.
function makeRows(m, view) {
  const event = [], folds = [], rowOf = new Int32Array(m.count);
  const says = m.kinds.map(kind => !["step", "start", "end", "choice"].includes(kind));
  let fold = null;
  for (let i = 0; i < m.count; i++) {
    const kept = view.pinned.has(i) || !view.folded || (m.mark[i] & NOTABLE);
    if (isLeftOut({ model: m, view }, i) && !view.pinned.has(i)) {
      rowOf[i] = Math.max(0, event.length - 1);
      continue;
    }
    if (kept) {
      fold = null;
      rowOf[i] = event.length;
      event.push(i);
      continue;
    }
    // A row is only worth what says something: that tasks went on goes without saying.
    if (fold === null && !says[m.kind[i]] && !view.opened.has(i)) {
      rowOf[i] = Math.max(0, event.length - 1);
      continue;
    }
    if (fold === null) {
      fold = { first: i, last: i, count: 0, open: view.opened.has(i) };
      if (!fold.open) {
        folds.push(fold);
        event.push(-folds.length);
      }
    }
    fold.last = i;
    fold.count++;
    if (fold.open) {
      rowOf[i] = event.length;
      event.push(i);
    } else {
      rowOf[i] = event.length - 1;
    }
  }
  return { event: Int32Array.from(event), folds, rowOf };
}

// foldAt is the fold of a row, or null where that is an event.
function foldAt(rows, row) {
  const e = rows.event[row];
  return e < 0 ? rows.folds[-e - 1] : null;
}

// foldText says what a fold holds.
function foldText(m, fold) {
  const nodes = new Map();
  for (let i = fold.first, left = 4000; i <= fold.last && left > 0; i++, left--) {
    const name = m.nodes[nodeOf(m, i)];
    nodes.set(name, (nodes.get(name) || 0) + 1);
  }
  const most = [...nodes].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([name]) => name).join(", ");
  const took = m.at[fold.last] - m.at[fold.first];
  return `${fold.count} uneventful${took ? ", " + duration(took) : ""}: ${most}${nodes.size > 3 ? " …" : ""}`;
}

// isShown tells whether an event has a row of its own.
function isShown(rows, i) { return rows.event[rows.rowOf[i]] === i; }

// nearestRow is the row at or after which an event would stand.
function nearestRow(rows, i) { return rows.rowOf[Math.max(0, Math.min(i, rows.rowOf.length - 1))]; }
