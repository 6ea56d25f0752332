package scenarios

// table keeps a record for each key, in the order in which the keys came up: a map that a deterministic run may go
// over.
type table[K comparable, V any] struct {
	at    map[K]*V
	order []*V
}

// of returns the record of a key, a zero one the first time.
func (t *table[K, V]) of(key K) *V {
	v := t.at[key]
	if v == nil {
		if t.at == nil {
			t.at = map[K]*V{}
		}
		v = new(V)
		t.at[key] = v
		t.order = append(t.order, v)
	}
	return v
}

// find returns the record of a key, nil if nothing is known of it.
func (t *table[K, V]) find(key K) *V { return t.at[key] }
