package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec that messages get
	"google.golang.org/grpc/mem"
)

// exchange makes one stream into request and reply for many callers.
type exchange struct {
	stream grpc.ClientStream
	wrap   func([]byte) any
	free   chan uint64 // numbers that no call has
	boxes  [callers]chan []byte
	send   sync.Mutex // a stream takes one sender at a time
}

func newExchange(stream grpc.ClientStream, wrap func([]byte) any,
	receive func(grpc.ClientStream) ([]byte, error)) *exchange {
	x := &exchange{stream: stream, wrap: wrap, free: make(chan uint64, callers)}
	for i := range x.boxes {
		x.boxes[i] = make(chan []byte, 1)
		x.free <- uint64(i)
	}
	go x.receive(receive)
	return x
}

// receive hands each answer to its caller; its first eight bytes are the caller's number.
func (x *exchange) receive(next func(grpc.ClientStream) ([]byte, error)) {
	for {
		body, err := next(x.stream)
		if err != nil {
			for _, box := range x.boxes {
				close(box)
			}
			return
		}
		x.boxes[binary.LittleEndian.Uint64(body)] <- body
	}
}

func (x *exchange) call(body []byte) error {
	id := <-x.free
	binary.LittleEndian.PutUint64(body, id)
	x.send.Lock()
	err := x.stream.SendMsg(x.wrap(body))
	x.send.Unlock()
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	answer, ok := <-x.boxes[id]
	if !ok {
		return errors.New("the stream has ended")
	}
	x.free <- id
	if len(answer) != len(body) {
		return errors.New("the answer has another length")
	}
	return nil
}

// codec takes []byte and fills *[]byte as they are, and leaves messages to grpc's own codec.
type codec struct{}

func (codec) Name() string { return "proto" }

func (codec) Marshal(v any) (mem.BufferSlice, error) {
	body, ok := v.([]byte)
	if !ok {
		return encoding.GetCodecV2("proto").Marshal(v)
	}
	// A copy: the caller may use its body again before grpc has written it.
	return mem.BufferSlice{mem.Copy(body, mem.DefaultBufferPool())}, nil
}

func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	into, ok := v.(*[]byte)
	if !ok {
		return encoding.GetCodecV2("proto").Unmarshal(data, v)
	}
	*into = data.Materialize()
	return nil
}
