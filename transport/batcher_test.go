package transport

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/windtunnel/windtunnel/core"
)

func put(b *batcher, class core.Class, bodies ...[]byte) { b.queues[class].refill(bodies) }

// arrivalsOf decodes a batch into the sizes of its frames' payloads, by class, in order.
func classesIn(t *testing.T, batch []byte) (classes []core.Class) {
	t.Helper()
	for len(batch) > 0 {
		h, err := parseHeader(batch)
		require.NoError(t, err)
		classes = append(classes, h.class)
		batch = batch[headerSize:]
		if h.hasPayload() {
			batch = batch[h.length:]
		}
	}
	return classes
}

func TestBatchIsInOrderOfUrgency(t *testing.T) {
	b := newBatcher(1 << 20)
	put(b, core.Low, []byte("l"))
	put(b, core.Normal, []byte("n"), []byte("n"))
	put(b, core.Critical, []byte("c"))
	b.add(control{grant: [core.ClassCount]uint32{core.Low: 9}})
	require.Equal(t, []core.Class{core.Low, core.Critical, core.Normal, core.Normal, core.Low},
		classesIn(t, b.fill(nil)), "the grant of the Low window, then messages")
	require.Empty(t, b.fill(nil))
	require.True(t, b.empty())
}

func TestCriticalMessageWaitsForOneBatchOfABulkyOne(t *testing.T) {
	b := newBatcher(limitCeiling)
	put(b, core.Low, make([]byte, 4<<20))
	first := b.fill(nil)
	require.LessOrEqual(t, len(first), batchSize+fragmentSize+headerSize)
	put(b, core.Critical, []byte("now"))
	require.Equal(t, core.Critical, classesIn(t, b.fill(nil))[0])
}

func TestShortMessagesShareABatch(t *testing.T) {
	b := newBatcher(limitCeiling)
	for range 1000 {
		put(b, core.Normal, make([]byte, 100))
	}
	batches := 0
	for batch := b.fill(nil); len(batch) > 0; batch = b.fill(nil) {
		batches++
	}
	require.Equal(t, 2, batches, "1,000 messages of 108 bytes are two batches of 64 KiB")
}

func TestFullWindowHoldsItsClassAlone(t *testing.T) {
	b := newBatcher(100 + messageCost)
	put(b, core.High, make([]byte, 100), make([]byte, 1))
	put(b, core.Low, make([]byte, 100))
	require.Equal(t, []core.Class{core.High, core.Low}, classesIn(t, b.fill(nil)))
	require.Empty(t, b.fill(nil), "the second High message has no window")
	b.add(control{granted: [core.ClassCount]int{core.High: messageCost}})
	require.Empty(t, b.fill(nil), "one byte is missing")
	b.add(control{granted: [core.ClassCount]int{core.High: 1}})
	require.Equal(t, []core.Class{core.High}, classesIn(t, b.fill(nil)))
}

// TestBatchesCarryEverythingOnceInOrder checks the sending half against the receiving half.
func TestBatchesCarryEverythingOnceInOrder(t *testing.T) {
	sizes := []int{0, 1, 100, fragmentSize - 1, fragmentSize, fragmentSize + 1, 3 * fragmentSize}
	rapid.Check(t, func(t *rapid.T) {
		b := newBatcher(limitCeiling)
		var want, got [core.ClassCount][]byte
		var stream []byte
		tag := byte(0)
		for range rapid.IntRange(1, 20).Draw(t, "rounds") {
			class := core.Class(rapid.IntRange(0, int(core.ClassCount)-1).Draw(t, "class"))
			size := rapid.SampledFrom(sizes).Draw(t, "size")
			body := make([]byte, size)
			for i := range body {
				body[i] = tag
			}
			tag++
			want[class] = append(append(want[class], body...), tag)
			put(b, class, body)
			if rapid.Bool().Draw(t, "fill") {
				stream = b.fill(stream)
			}
		}
		for before := -1; len(stream) != before; {
			before = len(stream)
			stream = append(stream, b.fill(nil)...)
		}
		messages, err := decode(stream, limitCeiling, windowCeiling)
		if err != io.EOF {
			t.Fatalf("the stream ends with %v", err)
		}
		var tags [core.ClassCount]int
		for _, m := range messages {
			at := len(got[m.Class])
			got[m.Class] = append(append(got[m.Class], m.Body...), 0)
			got[m.Class][len(got[m.Class])-1] = want[m.Class][at+len(m.Body)]
			tags[m.Class]++
		}
		for class := range want {
			if string(got[class]) != string(want[class]) {
				t.Fatalf("class %d: got %d bytes, want %d", class, len(got[class]), len(want[class]))
			}
		}
	})
}

func TestOutboxRefusesBeyondItsBounds(t *testing.T) {
	o := newOutbox(Config{QueueMessages: 3, QueueBytes: 100})
	require.NoError(t, o.push(core.Message{Body: make([]byte, 60)}))
	require.ErrorIs(t, o.push(core.Message{Body: make([]byte, 41)}), core.ErrQueueFull, "bytes")
	require.NoError(t, o.push(core.Message{Body: make([]byte, 40)}))
	other := core.Message{Class: core.Low, Body: make([]byte, 100)}
	require.NoError(t, o.push(other), "classes have bounds of their own")
	require.NoError(t, o.push(core.Message{}))
	require.ErrorIs(t, o.push(core.Message{}), core.ErrQueueFull, "messages")

	b := newBatcher(1 << 20)
	o.collect(b, false)
	require.ErrorIs(t, o.push(core.Message{}), core.ErrQueueFull, "what the writer holds still counts")
	b.fill(nil)
	o.collect(b, false)
	require.NoError(t, o.push(core.Message{Body: make([]byte, 100)}), "what is written does not")
	require.Equal(t, 1, o.end())
	require.ErrorIs(t, o.push(core.Message{}), errGone)
}

func TestOutboxWakesAnIdleWriterOnce(t *testing.T) {
	o, b := newOutbox(Config{QueueMessages: 10, QueueBytes: 10}), newBatcher(1000)
	idle, drained := o.collect(b, true)
	require.True(t, idle && !drained)
	for range 3 {
		require.NoError(t, o.push(core.Message{}))
	}
	require.Len(t, o.wake, 1)
	<-o.wake
	idle, _ = o.collect(b, true)
	require.False(t, idle, "there is something new")
	o.drain()
	require.Empty(t, o.wake, "the writer was not idle")
	_, drained = o.collect(b, true)
	require.False(t, drained, "something is left to write")
	b.fill(nil)
	_, drained = o.collect(b, true)
	require.True(t, drained)
}

func TestRestingConnectionGivesItsStorageBack(t *testing.T) {
	o, b := newOutbox(Config{QueueMessages: 1000, QueueBytes: 1000}), newBatcher(1<<20)
	for range 2 { // once for each of the two that take turns
		for range 500 {
			require.NoError(t, o.push(core.Message{Class: core.Low}))
		}
		o.collect(b, false)
		b.fill(nil)
		o.collect(b, false)
	}
	require.NotZero(t, cap(b.queues[core.Low].items)+cap(o.incoming[core.Low]))
	o.tell(func(c *control) { c.ping = true })
	o.collect(b, false)
	b.rest()
	require.Zero(t, cap(b.queues[core.Low].items)+cap(o.incoming[core.Low]))
	require.NoError(t, o.push(core.Message{Class: core.Low}))
	o.collect(b, false)
	pingFirst := []core.Class{core.Critical, core.Low}
	require.Equal(t, pingFirst, classesIn(t, b.fill(nil)), "the ping, then the message")
}
