package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
)

// grpcPair is grpc-go's client and server, tuned as its users tune it for throughput: one connection, larger
// buffers, shared write buffers, and a codec that passes bytes as they are, which spares it the protobuf that its
// users would pay for.
type grpcPair struct {
	server  *grpc.Server
	direct  *grpcClient
	metered *grpcClient
	meter   *meter
	credits chan struct{}
}

const bufferSize = 64 << 10

func newGRPC() (*grpcPair, error) {
	p := &grpcPair{credits: make(chan struct{}, batches)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.server = grpc.NewServer(
		grpc.ForceServerCodecV2(raw{}), grpc.ReadBufferSize(bufferSize), grpc.WriteBufferSize(bufferSize),
		grpc.SharedWriteBuffer(true), grpc.InitialWindowSize(1<<20), grpc.InitialConnWindowSize(1<<20),
		grpc.MaxConcurrentStreams(4*callers),
	)
	p.server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "bench", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Unary", Handler: echoUnary}},
		Streams: []grpc.StreamDesc{
			{StreamName: "Stream", Handler: echoStream, ServerStreams: true, ClientStreams: true},
			{StreamName: "OneWay", Handler: p.swallow, ServerStreams: true, ClientStreams: true},
		},
	}, p)
	go func() { _ = p.server.Serve(listener) }()
	if p.meter, err = newMeter(listener.Addr().String()); err != nil {
		return nil, err
	}
	if p.direct, err = newGRPCClient(listener.Addr().String()); err != nil {
		return nil, err
	}
	p.metered, err = newGRPCClient(p.meter.addr())
	return p, err
}

func (p *grpcPair) close() {
	p.direct.close()
	p.metered.close()
	p.server.Stop()
	p.meter.close()
}

func (p *grpcPair) client() *grpcClient {
	if p.meter.counting.Load() {
		return p.metered
	}
	return p.direct
}

// streamCalls shares one bidirectional stream among all callers: each message carries its caller's number, the one
// receiving goroutine hands answers back.
func (p *grpcPair) streamCalls(n int) (time.Duration, error) {
	c := p.client()
	return together(n, c.streamCall)
}

// unaryCalls makes a call of each.
func (p *grpcPair) unaryCalls(n int) (time.Duration, error) {
	c := p.client()
	return together(n, func(body []byte) error {
		var answer []byte
		return c.conn.Invoke(context.Background(), "/bench/Unary", body, &answer)
	})
}

func (p *grpcPair) oneWay(n int) (time.Duration, error) {
	return inBatches(n, p.credits, func(body []byte) error { return p.direct.oneWay.SendMsg(body) })
}

func echoUnary(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	var body []byte
	err := decode(&body)
	return body, err
}

func echoStream(_ any, stream grpc.ServerStream) error {
	for {
		var body []byte
		if err := stream.RecvMsg(&body); err != nil {
			return ended(err)
		}
		if err := stream.SendMsg(body); err != nil {
			return err
		}
	}
}

func (p *grpcPair) swallow(_ any, stream grpc.ServerStream) error {
	for n := 1; ; n++ {
		var body []byte
		if err := stream.RecvMsg(&body); err != nil {
			return ended(err)
		}
		if n%batch == 0 {
			p.credits <- struct{}{}
		}
	}
}

func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// grpcClient is one connection with its long-lived streams.
type grpcClient struct {
	conn   *grpc.ClientConn
	stream grpc.ClientStream
	oneWay grpc.ClientStream
	cancel context.CancelFunc
	free   chan uint64 // numbers that no call has
	boxes  [callers]chan []byte
	send   sync.Mutex // a stream takes one sender at a time
}

func newGRPCClient(to string) (*grpcClient, error) {
	conn, err := grpc.NewClient("passthrough:///"+to,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(raw{})),
		grpc.WithReadBufferSize(bufferSize), grpc.WithWriteBufferSize(bufferSize),
		grpc.WithSharedWriteBuffer(true),
		grpc.WithInitialWindowSize(1<<20), grpc.WithInitialConnWindowSize(1<<20),
	)
	if err != nil {
		return nil, err
	}
	c := &grpcClient{conn: conn, free: make(chan uint64, callers)}
	for i := range c.boxes {
		c.boxes[i] = make(chan []byte, 1)
		c.free <- uint64(i)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	both := grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	if c.stream, err = conn.NewStream(ctx, &both, "/bench/Stream"); err != nil {
		return nil, err
	}
	if c.oneWay, err = conn.NewStream(ctx, &both, "/bench/OneWay"); err != nil {
		return nil, err
	}
	go c.receive()
	return c, nil
}

func (c *grpcClient) close() {
	c.cancel()
	_ = c.conn.Close()
}

// receive hands each answer to its caller; its first eight bytes are the caller's number.
func (c *grpcClient) receive() {
	for {
		var body []byte
		if err := c.stream.RecvMsg(&body); err != nil {
			for _, box := range c.boxes {
				close(box)
			}
			return
		}
		c.boxes[binary.LittleEndian.Uint64(body)] <- body
	}
}

func (c *grpcClient) streamCall(body []byte) error {
	id := <-c.free
	binary.LittleEndian.PutUint64(body, id)
	c.send.Lock()
	err := c.stream.SendMsg(body)
	c.send.Unlock()
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	answer, ok := <-c.boxes[id]
	if !ok {
		return errors.New("the stream has ended")
	}
	c.free <- id
	if len(answer) != len(body) {
		return errors.New("the answer has another length")
	}
	return nil
}

// raw is a codec for bytes: it takes []byte and fills *[]byte.
type raw struct{}

func (raw) Name() string { return "raw" }

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	body, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("raw codec: a %T, must be []byte", v)
	}
	// A copy: the caller may use its body again before grpc has written it.
	return mem.BufferSlice{mem.Copy(body, mem.DefaultBufferPool())}, nil
}

func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	into, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("raw codec: a %T, must be *[]byte", v)
	}
	*into = data.Materialize()
	return nil
}
