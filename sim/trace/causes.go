package trace

import "math/bits"

// cause is what is remembered of an event for those who follow causes while the run goes on.
type cause struct {
	id   uint64 // of the event that caused it
	lane *Lane
}

// RememberCauses has the recorder remember the causes of the newest events, at least most of them (1 to
// 1<<24), for whoever asks while the run goes on. It costs 16 bytes an event and no time to speak of. What
// was remembered before is forgotten.
func (r *Recorder) RememberCauses(most int) {
	most = min(max(most, 1), 1<<24)
	r.causes = make([]cause, 1<<bits.Len(uint(most-1)))
}

func (r *Recorder) remember(id uint64, lane *Lane) {
	r.causes[r.count&uint64(len(r.causes)-1)] = cause{id, lane}
}

// Cause is the ID of the event that caused an event, and the lane of the event itself; 0 and "" when it is
// not remembered.
func (r *Recorder) Cause(id uint64) (cause uint64, lane string) {
	if id == 0 || id > r.count || r.count-id >= uint64(len(r.causes)) {
		return 0, ""
	}
	c := r.causes[id&uint64(len(r.causes)-1)]
	if c.lane == nil {
		return 0, ""
	}
	return c.id, c.lane.name
}
