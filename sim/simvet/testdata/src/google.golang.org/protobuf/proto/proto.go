package proto

// Marshal stands in for the real one.
func Marshal(m any) ([]byte, error) { return nil, nil }
