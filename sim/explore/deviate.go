package explore

import (
	"encoding/binary"

	"github.com/windtunnel/windtunnel/sim/choice"
)

// Buckets is how many groups Deviations tell choices apart by.
const Buckets = 1 << 12

// Deviation changes a few answers of a schedule: every choice whose stream and number hash into Bucket gets
// the answer Value, modulo its alternatives. A shrinker or a fuzzer that changes one deviation changes that
// little of the run and nothing else.
type Deviation struct {
	Bucket uint16 // below Buckets
	Value  uint16
}

// Deviate returns next with its answers changed by deviations. Where two are of one bucket the first
// counts.
func Deviate(next choice.Chooser, deviations []Deviation) choice.Chooser {
	if len(deviations) == 0 {
		return next
	}
	d := deviating{next: next, values: map[uint16]uint16{}}
	for _, deviation := range deviations {
		bucket := deviation.Bucket % Buckets
		if _, known := d.values[bucket]; !known {
			d.values[bucket] = deviation.Value
		}
	}
	return d
}

type deviating struct {
	next   choice.Chooser
	values map[uint16]uint16
}

// Choose asks next, unless the choice is in a bucket that deviates.
func (d deviating) Choose(c choice.Choice) int {
	bucket := uint16(choice.Mix(c.Stream.ID(), c.N) % Buckets)
	if value, ok := d.values[bucket]; ok {
		return int(value) % c.Alternatives
	}
	return d.next.Choose(c)
}

// FromBytes makes any bytes a seed and deviations: the first eight are the seed, every four after them a
// deviation, of which the first 64 count.
func FromBytes(data []byte) (seed uint64, deviations []Deviation) {
	const most = 64
	var head [8]byte
	data = data[copy(head[:], data):]
	for len(data) >= 4 && len(deviations) < most {
		deviations = append(deviations, Deviation{
			Bucket: binary.LittleEndian.Uint16(data) % Buckets, Value: binary.LittleEndian.Uint16(data[2:]),
		})
		data = data[4:]
	}
	return binary.LittleEndian.Uint64(head[:]) & (1<<53 - 1), deviations
}
