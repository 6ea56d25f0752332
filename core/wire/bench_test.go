package wire_test

import (
	"testing"
	"time"

	"github.com/windtunnel/windtunnel/core/wire"
)

func BenchmarkWire(b *testing.B) {
	m := outer{
		U: 12345, I: -77, D: time.Second, Hash: 0xfedcba9876543210, S: "workflow-1",
		In: inner{N: 1 << 40, Name: "job-1"}, Deltas: make([]uint64, 50),
	}
	m.List = make([]inner, 10)
	for i := range m.List {
		m.List[i] = inner{N: uint64(i) << 20, Name: "stream"}
	}
	encoded := wire.Marshal(&m)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(encoded)))
		var buf []byte
		for b.Loop() {
			buf = wire.Append(buf[:0], &m)
		}
	})
	b.Run("unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(encoded)))
		var into outer
		for b.Loop() {
			if err := wire.Unmarshal(encoded, &into); err != nil {
				b.Fatal(err)
			}
		}
	})
}
