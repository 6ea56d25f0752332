package explore

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// writtenLayer is a layer in JSON; what is left out takes everything.
type writtenLayer struct {
	Seed  uint64   `json:"seed"`
	After uint64   `json:"after,omitempty"`
	Kinds []string `json:"kinds,omitempty"`
	OneIn uint64   `json:"one_in,omitempty"`
	Quiet bool     `json:"quiet,omitempty"`
}

// MarshalJSON writes the layers.
func (p Plan) MarshalJSON() ([]byte, error) {
	written := make([]writtenLayer, len(p))
	for i, l := range p {
		w := writtenLayer{Seed: l.seed, After: l.after, Quiet: l.quiet}
		if l.oneIn > 1 {
			w.OneIn = l.oneIn
		}
		if l.kinds != everyKind {
			w.Kinds = l.kinds.names()
		}
		written[i] = w
	}
	return json.Marshal(written)
}

// UnmarshalJSON reads what MarshalJSON wrote. The error says which layer makes no sense.
func (p *Plan) UnmarshalJSON(text []byte) error {
	var written []writtenLayer
	if err := json.Unmarshal(text, &written); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	if len(written) == 0 || len(written) > mostLayers {
		return fmt.Errorf("plan: %d layers, must be 1 to %d", len(written), mostLayers)
	}
	read := make(Plan, len(written))
	for i, w := range written {
		l, err := w.read()
		if err == nil && i == 0 && l != seeds(w.Seed)[0] {
			err = errors.New("it must answer everything")
		}
		if err != nil {
			return fmt.Errorf("plan: layer %d: %w", i+1, err)
		}
		read[i] = l
	}
	*p = read
	return nil
}

func (w writtenLayer) read() (layer, error) {
	l := layer{seed: w.Seed, after: w.After, kinds: everyKind, oneIn: max(w.OneIn, 1), quiet: w.Quiet}
	if len(w.Kinds) > 0 {
		l.kinds = 0
	}
	for _, name := range w.Kinds {
		kind, ok := kindNamed(name)
		if !ok {
			return l, fmt.Errorf("no kind of choice %q", name)
		}
		l.kinds |= only(kind)
	}
	return l, nil
}

func kindNamed(name string) (choice.Kind, bool) {
	for kind := range choice.KindCount {
		if kind.String() == name {
			return kind, true
		}
	}
	return 0, false
}
