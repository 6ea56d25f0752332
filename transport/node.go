package transport

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/windtunnel/windtunnel/core"
)

// ErrTaskPanicked matches the error of a node that died because one of its tasks panicked.
var ErrTaskPanicked = errors.New("task panicked")

// Node is one node in the real world. It lives until Stop, Kill or the panic of one of its tasks.
type Node struct {
	config  Config
	env     env
	booted  time.Time
	rand    *rand.Rand
	perturb *perturber
	count   counters

	context context.Context
	cancel  context.CancelFunc
	dead    chan struct{} // closed when the node has died: every later call of a task ends that task
	tasks   tasks
	network sync.WaitGroup // the goroutines of all endpoints

	mu        sync.Mutex
	endpoints map[*endpoint]struct{}
	failure   error
	isDead    bool
	stopping  bool
}

// New returns a living node without tasks. It opens nothing; end it with Stop or Kill all the same.
func New(config Config) (*Node, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	config.Log = config.Log.With("node", config.Name)
	n := &Node{
		config:    config,
		booted:    time.Now(),
		rand:      newRand(),
		perturb:   newPerturber(config.Perturb),
		dead:      make(chan struct{}),
		endpoints: map[*endpoint]struct{}{},
	}
	n.context, n.cancel = context.WithCancel(context.Background())
	n.env = env{n}
	return n, nil
}

// newRand seeds a node's stream from the machine's entropy.
func newRand() *rand.Rand {
	var seed [16]byte
	_, _ = crand.Read(seed[:]) // documented never to fail
	low, high := binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:])
	return rand.New(&lockedSource{source: rand.NewPCG(low, high)})
}

// Env is the node's world. Once the node has died, a goroutine that waits in it, or calls Yield, Send, Recv,
// Sleep or Wait, is ended by runtime.Goexit: its deferred calls run, the lines after the call do not.
func (n *Node) Env() core.Env { return n.env }

// Start runs boot as the task "boot".
func (n *Node) Start(boot func(core.Env)) { n.env.Go("boot", func() { boot(n.env) }) }

// Down is closed when the node has died: stopped, killed, or failed.
func (n *Node) Down() <-chan struct{} { return n.dead }

// Err says why the node failed: an error that matches ErrTaskPanicked, or nil.
func (n *Node) Err() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.failure
}

// Stop ends the node in order: Context ends, tasks have until ctx ends to return, then endpoints write what
// is queued (up to Config.Linger) and close. Tasks that have not returned die as by Kill, and are named in
// the error.
func (n *Node) Stop(ctx context.Context) error {
	n.mu.Lock()
	n.stopping = true
	n.mu.Unlock()
	n.cancel()
	late := ""
	select {
	case <-n.tasks.idle():
	case <-n.dead:
	case <-ctx.Done():
		late = strings.Join(n.tasks.names(), ", ")
	}
	for _, e := range n.open() {
		_ = e.Close()
	}
	written := make(chan struct{})
	go func() {
		n.network.Wait()
		close(written)
	}()
	select {
	case <-written:
	case <-ctx.Done():
	}
	n.die(nil)
	waitCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.config.Linger)
	defer cancel()
	if err := n.Wait(waitCtx); err != nil {
		return err
	}
	if late != "" {
		return fmt.Errorf("%s: stop: tasks did not return in time and were ended: %s", n.config.Name, late)
	}
	return n.Err()
}

// Kill ends the node as a crash would: nothing queued is written, connections are reset, tasks end where they
// are. It does not wait for them; Wait does.
func (n *Node) Kill() { n.die(nil) }

// Wait returns when every task and connection of a node that died has ended, or with an error that names what
// is left when ctx ends.
func (n *Node) Wait(ctx context.Context) error {
	gone := make(chan struct{})
	go func() {
		n.network.Wait()
		close(gone)
	}()
	for _, part := range []<-chan struct{}{n.tasks.idle(), gone} {
		select {
		case <-part:
		case <-ctx.Done():
			return fmt.Errorf("%s: wait: still running: tasks [%s]: %w", n.config.Name,
				strings.Join(n.tasks.names(), ", "), context.Cause(ctx))
		}
	}
	return nil
}

// die closes all at once. Only the first call says why.
func (n *Node) die(failure error) {
	n.mu.Lock()
	first := !n.isDead
	if first {
		n.isDead, n.failure = true, failure
		close(n.dead)
	}
	n.mu.Unlock()
	if !first {
		return
	}
	for _, e := range n.open() {
		e.abort()
	}
}

func (n *Node) open() []*endpoint {
	n.mu.Lock()
	defer n.mu.Unlock()
	open := make([]*endpoint, 0, len(n.endpoints))
	for e := range n.endpoints {
		open = append(open, e)
	}
	return open
}

// adopt registers an endpoint and counts its two goroutines, unless the node is ending.
func (n *Node) adopt(e *endpoint) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.isDead || n.stopping {
		return false
	}
	n.endpoints[e] = struct{}{}
	n.network.Add(2)
	return true
}

func (n *Node) forget(e *endpoint) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.endpoints, e)
}

// exitIfDead ends the calling goroutine when its node has died: its deferred calls run, and recover sees
// nothing.
func (n *Node) exitIfDead() {
	select {
	case <-n.dead:
		runtime.Goexit()
	default:
	}
}
