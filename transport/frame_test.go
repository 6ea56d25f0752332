package transport

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
)

func TestHeaderIsReadAsItWasWritten(t *testing.T) {
	for _, h := range []header{
		{kindHello, 0, 100}, {kindReject, 0, helloCeiling}, {kindPing, 0, 0}, {kindPong, 0, 0},
		{kindWindow, core.Low, windowCeiling}, {kindWhole, core.Critical, fragmentSize},
		{kindBegin, core.High, limitCeiling}, {kindPart, core.Normal, 1},
	} {
		got, err := parseHeader(h.append(nil))
		require.NoError(t, err)
		require.Equal(t, h, got)
	}
}

func TestHeaderOutOfBoundsIsRefused(t *testing.T) {
	for name, frame := range map[string][]byte{
		"short":                {6, 0, 0, 0, 0, 0, 0},
		"unknown kind":         {9, 0, 0, 0, 0, 0, 0, 0},
		"kind 0":               {0, 0, 0, 0, 0, 0, 0, 0},
		"unknown class":        header{kindWhole, core.ClassCount, 1}.append(nil),
		"reserved byte":        {6, 0, 1, 0, 0, 0, 0, 0},
		"long hello":           header{kindHello, 0, helloCeiling + 1}.append(nil),
		"ping with a payload":  header{kindPing, 0, 1}.append(nil),
		"long whole message":   header{kindWhole, 0, fragmentSize + 1}.append(nil),
		"long fragment":        header{kindPart, 0, fragmentSize + 1}.append(nil),
		"message over ceiling": header{kindBegin, 0, limitCeiling + 1}.append(nil),
		"window over ceiling":  header{kindWindow, 0, windowCeiling + 1}.append(nil),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseHeader(frame)
			require.ErrorIs(t, err, errProtocol)
		})
	}
}

func plainHello() hello {
	return hello{low: 1, high: 3, endpoint: 77, limit: 1000, window: 5000, name: "g1", role: "gate"}
}

func TestHelloIsReadAsItWasWritten(t *testing.T) {
	got, err := parseHello(plainHello().append(nil))
	require.NoError(t, err)
	require.Equal(t, plainHello(), got)
}

func TestHelloOfALaterVersionIsUnderstood(t *testing.T) {
	got, err := parseHello(append(plainHello().append(nil), "fields of the future"...))
	require.NoError(t, err)
	require.Equal(t, plainHello(), got)
}

func TestMalformedHelloIsRefused(t *testing.T) {
	whole := plainHello().append(nil)
	for cut := range whole {
		_, err := parseHello(whole[:cut])
		require.ErrorIs(t, err, errProtocol, "cut to %d bytes", cut)
	}
	for name, change := range map[string]func(*hello){
		"no name":             func(h *hello) { h.name = "" },
		"address as name":     func(h *hello) { h.name = "10.0.0.1:80" },
		"newline in role":     func(h *hello) { h.role = "gate\n" },
		"long role":           func(h *hello) { h.role = string(bytes.Repeat([]byte("r"), roleCeiling+1)) },
		"version 0":           func(h *hello) { h.low = 0 },
		"versions backwards":  func(h *hello) { h.low, h.high = 3, 2 },
		"no limit":            func(h *hello) { h.limit = 0 },
		"limit over ceiling":  func(h *hello) { h.limit, h.window = limitCeiling+1, limitCeiling*2 },
		"window below limit":  func(h *hello) { h.window = h.limit },
		"window over ceiling": func(h *hello) { h.window = windowCeiling + 1 },
	} {
		t.Run(name, func(t *testing.T) {
			h := plainHello()
			change(&h)
			_, err := parseHello(h.append(nil))
			require.ErrorIs(t, err, errProtocol)
		})
	}
}

func TestNodesAgreeOnTheHighestCommonVersion(t *testing.T) {
	for _, c := range []struct{ low, high, peerLow, peerHigh, want uint16 }{
		{1, 1, 1, 1, 1}, {1, 3, 2, 5, 3}, {2, 5, 1, 3, 3}, {1, 2, 3, 4, 0}, {3, 4, 1, 2, 0}, {2, 2, 1, 9, 2},
	} {
		mine := hello{low: c.low, high: c.high, name: "a"}
		got, err := agree(mine, hello{low: c.peerLow, high: c.peerHigh, name: "b"})
		require.Equal(t, c.want, got)
		require.Equal(t, c.want == 0, err != nil)
		if err != nil {
			require.ErrorContains(t, err, "node a speaks protocol versions")
			require.ErrorContains(t, err, "node b speaks")
		}
	}
}

// decode runs frames through a reassembly as a connection does, granting window bytes a class once.
func decode(stream []byte, limit uint32, window int) (messages []core.Message, err error) {
	frames, granted := reassembly{limit: limit}, [core.ClassCount]int{}
	source := bytes.NewReader(stream)
	var head [headerSize]byte
	for {
		if _, err := io.ReadFull(source, head[:]); err != nil {
			return messages, err
		}
		h, err := parseHeader(head[:])
		if err != nil {
			return messages, err
		}
		payload, err := frames.place(h, func(class core.Class, cost int) bool {
			granted[class] += cost
			return granted[class] <= window
		})
		if err != nil {
			return messages, err
		}
		if _, err := io.ReadFull(source, payload); err != nil {
			return messages, err
		}
		if m, whole := frames.take(h.class); whole {
			messages = append(messages, m)
		}
	}
}

func TestFramesOutOfPlaceAreRefused(t *testing.T) {
	long := header{kindBegin, core.Low, fragmentSize + 1}.append(nil)
	whole := append(header{kindWhole, core.Low, 1000}.append(nil), make([]byte, 1000)...)
	for name, stream := range map[string][]byte{
		"part of nothing":      header{kindPart, core.Low, 0}.append(nil),
		"whole inside another": append(bytes.Clone(long), header{kindWhole, core.Low, 1}.append(nil)...),
		"begin inside another": append(bytes.Clone(long), long...),
		"cut short": slices.Concat(
			long, header{kindPart, core.Low, fragmentSize - 1}.append(nil)),
		"short message in bits": header{kindBegin, core.Low, fragmentSize}.append(nil),
		"over the limit":        header{kindBegin, core.Low, 200_001}.append(nil),
		"over the window":       bytes.Repeat(whole, 300),
		"hello":                 header{kindHello, 0, 0}.append(nil),
		"reject":                header{kindReject, 0, 0}.append(nil),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(stream, 200_000, 300_000)
			require.ErrorIs(t, err, errProtocol)
		})
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(header{kindWhole, core.High, 2}.append(nil))
	f.Add(append(header{kindWhole, core.High, 2}.append(nil), "ok"...))
	f.Add(header{kindBegin, core.Low, fragmentSize + 5}.append(nil))
	b := newBatcher(1 << 20)
	b.queues[core.Low].refill([][]byte{make([]byte, fragmentSize+1), []byte("short")})
	f.Add(b.fill(nil))
	f.Fuzz(func(t *testing.T, stream []byte) {
		const limit, window = 100_000, 200_000
		messages, err := decode(stream, limit, window)
		require.Error(t, err)
		var cost [core.ClassCount]int
		for _, m := range messages {
			require.LessOrEqual(t, len(m.Body), limit)
			cost[m.Class] += len(m.Body) + messageCost
			require.LessOrEqual(t, cost[m.Class], window)
		}
		for i, again := range recode(t, messages) {
			require.Equal(t, messages[i].Class, again.Class)
			require.True(t, bytes.Equal(messages[i].Body, again.Body))
		}
	})
}

// recode sends messages through a batcher and a reassembly.
func recode(t *testing.T, messages []core.Message) []core.Message {
	var again []core.Message
	for _, m := range messages {
		b := newBatcher(windowCeiling)
		b.queues[m.Class].refill([][]byte{m.Body})
		var stream []byte
		for batch := b.fill(nil); len(batch) > 0; batch = b.fill(nil) {
			stream = append(stream, batch...)
		}
		one, err := decode(stream, limitCeiling, windowCeiling)
		require.ErrorIs(t, err, io.EOF)
		again = append(again, one...)
	}
	require.Len(t, again, len(messages))
	return again
}

func FuzzHello(f *testing.F) {
	f.Add(plainHello().append(nil))
	f.Add([]byte(helloMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := parseHello(b)
		if err != nil {
			require.ErrorIs(t, err, errProtocol)
			return
		}
		again, err := parseHello(h.append(nil))
		require.NoError(t, err)
		require.Equal(t, h, again)
		require.NoError(t, checkName("Name", h.name, 1, nameCeiling))
		require.LessOrEqual(t, h.limit, uint32(limitCeiling))
	})
}
