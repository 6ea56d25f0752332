package target

import (
	"io"
	"net/http"
	"time"
)

// handler answers everything.
type handler struct {
	books   *books
	latency time.Duration
	json    string // the body of good answers; empty: the status in words
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	due := time.Now().Add(h.latency)
	status := h.books.receive(r.URL.Path)
	// A body left unread would cost the client its connection.
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	if wait := time.Until(due); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	body := http.StatusText(status) + "\n"
	if h.json != "" && status == http.StatusOK {
		w.Header().Set("Content-Type", "application/json")
		body = h.json
	}
	w.WriteHeader(status)
	if _, err := io.WriteString(w, body); err == nil {
		h.books.answer(status)
	}
}
