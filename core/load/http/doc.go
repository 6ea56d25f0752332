// Package http is the load engine that really sends: HTTP/1.1 and 2 through net/http, behind load.Engine.
//
// One task paces: it wakes about every millisecond, asks the gate, and lets all that is due go in bursts.
// Parked goroutines send: each takes an arrival from a queue, which always has room, so the pacer never
// waits for a sender and a slow target never slows the schedule. An arrival that finds as many unanswered as
// allowed is not started.
//
// What is sent is what the target says and nothing else: no User-Agent, no Accept-Encoding, no header of
// ours; no proxy, no redirect followed, no answer decompressed. An arrival is sent at most once. net/http by
// itself sends a request again when a kept connection breaks before the answer; here that happens only where
// certainly nothing of it had been written.
//
//	answered, status under 400               OK
//	answered, other status                   Failed
//	no connection: refused, no such host,
//	TLS, or none within the timeout          Failed: certainly not sent
//	a connection, but not a whole answer:
//	timeout, broken, attempt stopped         Unknown: it may have hit the target
//
// Answers are read to their end and thrown away, up to Config.MaxAnswer; the rest of a longer one is not
// waited for and its connection is closed. A sample ends with the last byte that is read.
//
// What a target provides for later workflows is taken from the first OK answer that has it, as a header or at
// a JSON pointer into a body of at most 64 KiB, after its sample has ended.
//
// This package is free of the determinism rules: it has goroutines, channels and the machine's clock.
package http
