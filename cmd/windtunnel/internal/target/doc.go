// Package target is a small HTTP server to shoot at, which knows exactly what hit it.
//
// It answers every path and method with 200 after a chosen latency, or with 500 for a chosen share of the
// requests. What it received is in its report, a JSON file that a test compares with what the load generator
// claims:
//
//	received    requests whose header arrived whole, whatever became of them
//	answered    those of them whose answer was handed to the connection
//	ok, failed  the answered ones by status: 200, 500
//
// A client that gives up leaves a request received and not answered. The report is replaced as a whole once
// a second and when the server ends, so that a kill loses a second of it and never the file; Complete says
// that the server ended by itself and that nothing was in flight any more.
package target
