package main

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// grpcPair is grpc-go's client and server, tuned as its users tune it for throughput: one connection,
// larger buffers, shared write buffers. Messages are google.protobuf.BytesValue, the least that protobuf
// can be; and once more bytes as they are, by a codec that spares it the protobuf.
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
		grpc.ForceServerCodecV2(codec{}), grpc.ReadBufferSize(bufferSize), grpc.WriteBufferSize(bufferSize),
		grpc.SharedWriteBuffer(true), grpc.InitialWindowSize(1<<20), grpc.InitialConnWindowSize(1<<20),
		grpc.MaxConcurrentStreams(4*callers),
	)
	p.server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "bench", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Unary", Handler: echoUnary}},
		Streams: []grpc.StreamDesc{
			{StreamName: "Stream", Handler: echoMessages, ServerStreams: true, ClientStreams: true},
			{StreamName: "Raw", Handler: echoBytes, ServerStreams: true, ClientStreams: true},
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

// streamCalls shares one bidirectional stream among all callers: each message carries its caller's
// number, the one receiving goroutine hands answers back.
func (p *grpcPair) streamCalls(n int) (time.Duration, error) {
	return together(n, p.client().messages.call)
}

// rawCalls does the same with bytes as they are.
func (p *grpcPair) rawCalls(n int) (time.Duration, error) {
	return together(n, p.client().bytes.call)
}

// unaryCalls makes a call of each.
func (p *grpcPair) unaryCalls(n int) (time.Duration, error) {
	c := p.client()
	return together(n, func(body []byte) error {
		answer := &wrapperspb.BytesValue{}
		return c.conn.Invoke(context.Background(), "/bench/Unary", wrapperspb.Bytes(body), answer)
	})
}

func (p *grpcPair) oneWay(n int) (time.Duration, error) {
	return inBatches(n, p.credits, func(body []byte) error {
		return p.direct.oneWay.SendMsg(wrapperspb.Bytes(body))
	})
}

func echoUnary(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	m := &wrapperspb.BytesValue{}
	return m, decode(m)
}

func echoMessages(_ any, stream grpc.ServerStream) error {
	for {
		m := &wrapperspb.BytesValue{}
		if err := stream.RecvMsg(m); err != nil {
			return ended(err)
		}
		if err := stream.SendMsg(m); err != nil {
			return err
		}
	}
}

func echoBytes(_ any, stream grpc.ServerStream) error {
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
		if err := stream.RecvMsg(&wrapperspb.BytesValue{}); err != nil {
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
	conn     *grpc.ClientConn
	messages *exchange
	bytes    *exchange
	oneWay   grpc.ClientStream
	cancel   context.CancelFunc
}

func newGRPCClient(to string) (*grpcClient, error) {
	conn, err := grpc.NewClient("passthrough:///"+to,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(codec{})),
		grpc.WithReadBufferSize(bufferSize), grpc.WithWriteBufferSize(bufferSize),
		grpc.WithSharedWriteBuffer(true),
		grpc.WithInitialWindowSize(1<<20), grpc.WithInitialConnWindowSize(1<<20),
	)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &grpcClient{conn: conn, cancel: cancel}
	both := grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	stream := func(method string) (opened grpc.ClientStream) {
		if err == nil {
			opened, err = conn.NewStream(ctx, &both, method)
		}
		return opened
	}
	messages, bytes := stream("/bench/Stream"), stream("/bench/Raw")
	if c.oneWay = stream("/bench/OneWay"); err != nil {
		c.close()
		return nil, err
	}
	wrap := func(body []byte) any { return wrapperspb.Bytes(body) }
	c.messages = newExchange(messages, wrap, receiveMessage)
	c.bytes = newExchange(bytes, func(body []byte) any { return body }, receiveBytes)
	return c, nil
}

func (c *grpcClient) close() {
	c.cancel()
	_ = c.conn.Close()
}

func receiveMessage(stream grpc.ClientStream) ([]byte, error) {
	m := &wrapperspb.BytesValue{}
	err := stream.RecvMsg(m)
	return m.GetValue(), err
}

func receiveBytes(stream grpc.ClientStream) (body []byte, err error) {
	err = stream.RecvMsg(&body)
	return body, err
}
