package trace

import "math/bits"

// RememberCauses has the recorder remember the causes of the newest events, at least most of them (1 to 1<<24), for
// whoever asks while the run goes on. It costs 8 bytes an event and no time to speak of. What was remembered
// before is forgotten.
func (r *Recorder) RememberCauses(most int) {
	most = min(max(most, 1), 1<<24)
	r.causes = make([]uint64, 1<<bits.Len(uint(most-1)))
}

// Cause is the ID of the event that caused an event; 0 when nothing did, or when it is not remembered.
func (r *Recorder) Cause(id uint64) uint64 {
	if id == 0 || id > r.count || r.count-id >= uint64(len(r.causes)) {
		return 0
	}
	return r.causes[id&uint64(len(r.causes)-1)]
}
