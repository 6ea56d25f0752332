// Package timeline draws a failed run over time: as one page, and as files for other tools.
//
//	WritePage  a space-time diagram that opens from disk: no network, no framework, one file
//	Export     "chrome" for Perfetto and chrome://tracing, "shiviz" for ShiViz, "jsonl" for scripts,
//	           "porcupine" for the page of that checker
//
// The page has a lane for each node and for each of its tasks; time runs downwards, a row an event.
// Messages are arrows from send to delivery, lost ones end in a cross. Crashes, pauses and faults are shaded
// for as long as they last, and a lane whose clock is off shows by how much. Choices that were not quiet
// are diamonds where they took effect, in the words of the trace; those that matter, or that the failure file
// names, are filled. What led to the failure and what is rare stands
// out; the rest is folded. An event that is pointed at shows what caused it, back to the start of the run.
//
// Where histories were judged (check.Run.Linearizable), the one that is chosen stands beside the nodes, on
// the same rows: a lane a client, a bar an operation from its call to its answer, and a line through the
// moments at which they may have happened, in the order that package linear found. Where none explains every
// answer, the first that has no place stands out, with those that contradict it, in words and drawn. What was
// never answered has an open end, with a dot where the simulator saw its effect.
//
// A row is an event and not a span of time: most of a run happens in a few instants, and the gaps between
// them are written where they are.
//
// A timeline knows traces, lanes, causes and choices. What it knows of a World is how its trace words
// things: "a → b ..." of a message, "begins: ..." and "ends: ..." of a fault, "boot", "crash", "stop",
// "pause" and "resume" of a node, and what a changed clock shows. Whatever is worded otherwise is an event
// without shading. The same failure gives the same bytes.
//
// What it does not do: it keeps the last 200,000 events of a longer run, and the last 50,000 operations of
// its histories, and says on the page how many it left out; exports leave nothing out.
package timeline
