package sim

import (
	"bytes"
	"context"
	"log/slog"
)

// logHandler puts a node's log lines into the trace, beside what happens: node, task, step and virtual time
// are the trace's. It costs nothing while the trace is not kept.
type logHandler struct {
	env   *env
	attrs func(slog.Handler) slog.Handler // what With and WithGroup added; nil if nothing
}

func (h *logHandler) Enabled(context.Context, slog.Level) bool {
	return h.env.world.trace.Keeping() && !h.env.dead
}

func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	h.env.check()
	var line bytes.Buffer
	var text slog.Handler = slog.NewTextHandler(&line, &slog.HandlerOptions{
		Level:       slog.Level(-1 << 31),
		ReplaceAttr: withoutTime,
	})
	if h.attrs != nil {
		text = h.attrs(text)
	}
	if err := text.Handle(ctx, record); err != nil {
		return err
	}
	w := h.env.world
	w.trace.Log(w.step, w.now, h.env.lane(), w.event, string(bytes.TrimSpace(line.Bytes())))
	return nil
}

// withoutTime drops the real time of a line: its virtual time is in the trace.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(func(text slog.Handler) slog.Handler { return text.WithAttrs(attrs) })
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	return h.with(func(text slog.Handler) slog.Handler { return text.WithGroup(name) })
}

func (h *logHandler) with(add func(slog.Handler) slog.Handler) slog.Handler {
	before := h.attrs
	return &logHandler{env: h.env, attrs: func(text slog.Handler) slog.Handler {
		if before != nil {
			text = before(text)
		}
		return add(text)
	}}
}
