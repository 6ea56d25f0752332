package load

// flight is a binary heap of requests in flight, the one that ends first on top.
type flight []Sample

func (f *flight) push(s Sample) {
	h := append(*f, s)
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if h[parent].End <= h[i].End {
			break
		}
		h[parent], h[i] = h[i], h[parent]
		i = parent
	}
	*f = h
}

func (f *flight) pop() Sample {
	h := *f
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && h[child+1].End < h[child].End {
			child++
		}
		if h[i].End <= h[child].End {
			break
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
	*f = h
	return top
}
