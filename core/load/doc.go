// Package load says when requests are due, and what became of them.
package load
