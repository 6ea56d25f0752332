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
	w.WriteHeader(status)
	if _, err := io.WriteString(w, http.StatusText(status)+"\n"); err == nil {
		h.books.answer(status)
	}
}
