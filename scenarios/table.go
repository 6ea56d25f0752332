package scenarios

// table keeps a record for each key, in the order in which the keys came up: a map that a deterministic
// run may go over. What it is asked for is mostly what it was asked for last, which it then need not
// hash.
type table[K comparable, V any] struct {
	at     map[K]*V
	order  []*V
	last   K
	record *V // of last; nil when nothing was asked for yet
}

// of returns the record of a key, a zero one the first time.
func (t *table[K, V]) of(key K) *V {
	if v := t.find(key); v != nil {
		return v
	}
	if t.at == nil {
		t.at = map[K]*V{}
	}
	v := new(V)
	t.at[key] = v
	t.order = append(t.order, v)
	t.last, t.record = key, v
	return v
}

// find returns the record of a key, nil if nothing is known of it.
func (t *table[K, V]) find(key K) *V {
	if t.record != nil && t.last == key {
		return t.record
	}
	v := t.at[key]
	if v != nil {
		t.last, t.record = key, v
	}
	return v
}
