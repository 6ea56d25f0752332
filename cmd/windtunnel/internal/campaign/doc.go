// Package campaign says what a campaign of simulated runs came to: to a person, a terminal and CI.
//
//	Result       what was run, and every failure once, by cause
//	Causes       puts together what a campaign found that has one cause
//	ReadCorpus   the failure files of a folder, which a campaign replays first
//	Watch        the line that is shown while it goes on
//	Table        the closing table, with what was never reached
//	Missed       how probably a bug of known difficulty was missed, where there is a basis to say so
//	JUnit, Markdown, Annotations    the same for CI
//
// A cause is a scenario and a failure's key, or the function that holds the assertion: as
// explore.Failure.Same has it. Messages do not count, they name nodes and times.
//
// It runs nothing. It does not promise that two causes are two bugs, nor that one cause is one.
package campaign
