// Package simvet holds code to the rules that make a run inside a World reproducible.
//
// A World decides the time, the order of tasks, every message and every random number. Code that asks
// something else - the machine's clock, the Go scheduler, a map's iteration order - gets an answer that no
// seed brings back. Each rule names what is banned, what to use instead, and why:
//
//	time.Now: use env.Now (steady) or env.Wall: the machine's clock is not the World's
//
// What is held:
//
//	symbols   clocks, timers, cancellation, random sources, blocking sync, and whole packages such as os;
//	          the tables are bans.go
//	syntax    go, select, channels, recover, a "%p" in a format
//	maps      a range over a map may only do what comes out alike in every order: collect into a slice that
//	          the same function then sorts; count and add up in integers; keep a maximum; set or delete the
//	          entry of the range's own key; test for existence (return or assign one constant). What it
//	          gathers must not be read while it is gathered. maps.Keys, Values and All are held likewise
//	variables a package variable is shared by every World of a process. Allowed are errors.New and
//	          fmt.Errorf sentinels, and unexported tables of plain values that the package only reads
//
// An exception names its reason, at the end of the line or in a comment of its own above it; one without a
// reason, and one that excuses nothing, is itself a finding:
//
//	mu sync.Mutex //simvet:allow leaf lock: nothing waits or yields under it
//
// A lock's excuse stands at its declaration and covers its use.
//
// [Analyzer] judges every file of a package except tests and generated files. [Packages] loads packages by
// pattern and can leave files out; in this project a file of package sim is held when a comment above its
// package clause says //simvet:world (see [InWorld]).
//
// simvet does not see: floating point sums whose order varies, pointers printed by %v, comparison functions
// that call two different things equal, order that depends on a library it cannot read, or what a function
// does that was passed in as a value. Twin runs with one seed are the net under it.
package simvet
