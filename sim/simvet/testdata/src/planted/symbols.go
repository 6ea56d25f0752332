// Package planted holds one of each banned symbol and import.
package planted

import (
	"context"
	cryptorand "crypto/rand" // want `import crypto/rand: use env.Rand`
	"encoding/gob"           // want `import encoding/gob: use core/wire`
	"expvar"                 // want `import expvar: use counters of your own`
	"fmt"
	"hash/maphash" // want `import hash/maphash: use a hash with a fixed seed`
	"iter"
	"log" // want `import log: use env.Log`
	"log/slog"
	oldrand "math/rand"
	"math/rand/v2"
	"net"
	"net/http" // want `import net/http: use a seam`
	"os"       // want `import os: use configuration at boot`
	"os/exec"  // want `import os/exec: use configuration at boot`
	"reflect"
	"runtime"
	"sync"
	"syscall" // want `import syscall`
	"time"
	"unique" // want `import unique: use plain values`
	"unsafe"
	"weak" // want `import weak: use plain pointers`

	"elsewhere"
	"google.golang.org/protobuf/encoding/protojson" // want `import google.golang.org/protobuf/encoding/protojson: use core/wire`
	"google.golang.org/protobuf/encoding/prototext" // want `import google.golang.org/protobuf/encoding/prototext: use core/wire`
	"google.golang.org/protobuf/proto"
)

func clocks() {
	_ = time.Now()                // want `time.Now: use env.Now \(steady\) or env.Wall: the machine's clock`
	_ = time.Since(time.Time{})   // want `time.Since: use env.Now and Instant.Sub`
	_ = time.Until(time.Time{})   // want `time.Until: use env.Now and Instant.Sub`
	time.Sleep(time.Second)       // want `time.Sleep: use env.Sleep`
	_ = time.After(time.Second)   // want `time.After: use Signal.Wait`
	_ = time.Tick(time.Second)    // want `time.Tick: use a loop around env.Sleep`
	time.AfterFunc(1, func() {})  // want `time.AfterFunc: use env.Go with env.Sleep`
	_ = time.NewTimer(1)          // want `time.NewTimer: use Signal.Wait`
	_ = time.NewTicker(1)         // want `time.NewTicker: use a loop`
	var _ time.Timer              // want `time.Timer: use Signal.Wait`
	var _ *time.Ticker            // want `time.Ticker: use a loop`
	_ = time.Local                // want `time.Local: use time.UTC`
	_ = time.Time{}.Local()       // want `\(time.Time\).Local: use Time.UTC`
	_, _ = time.LoadLocation("x") // want `time.LoadLocation: use time.FixedZone`
	now := time.Now               // want `time.Now: use env.Now`
	_ = now
	_ = time.Unix(1, 2).UTC().Add(3 * time.Second) // plain arithmetic
}

func cancellation(ctx context.Context) {
	_, c1 := context.WithCancel(ctx)                          // want `context.WithCancel: use env.WithCancel`
	_, c2 := context.WithCancelCause(ctx)                     // want `context.WithCancelCause: use env.WithCancel`
	_, c3 := context.WithTimeout(ctx, 1)                      // want `context.WithTimeout: use env.WithTimeout`
	_, c4 := context.WithTimeoutCause(ctx, 1, nil)            // want `context.WithTimeoutCause: use env.WithTimeout`
	_, c5 := context.WithDeadline(ctx, time.Time{})           // want `context.WithDeadline: use env.WithTimeout`
	_, c6 := context.WithDeadlineCause(ctx, time.Time{}, nil) // want `context.WithDeadlineCause: use env.WithTimeout`
	stop := context.AfterFunc(ctx, func() {})                 // want `context.AfterFunc: use a task`
	_, _, _, _, _, _, _ = c1, c2, c3, c4, c5, c6, stop
	_ = context.WithValue(context.Background(), ctx, ctx)
}

type locks struct {
	mu    sync.Mutex     // want `sync.Mutex: use env.NewLocker`
	rw    sync.RWMutex   // want `sync.RWMutex: use env.NewLocker`
	group sync.WaitGroup // want `sync.WaitGroup: use core.Group`
	once  sync.Once      // want `sync.Once: use core.Latch`
	cond  *sync.Cond     // want `sync.Cond: use env.NewSignal`
	all   sync.Map       // want `sync.Map: use a map`
	free  sync.Pool      // want `sync.Pool: use a free list`
	fine  sync.Locker
}

func blocking(l *locks, g *elsewhere.Guarded, e *elsewhere.Embedded) {
	l.mu.Lock() // judged at the field
	l.mu.Unlock()
	g.Mu.Lock() // want `\(\*sync.Mutex\).Lock: use env.NewLocker`
	g.Mu.Unlock()
	e.Lock() // want `\(\*sync.Mutex\).Lock: use env.NewLocker`
	e.Unlock()
	l.fine.Lock()
	l.fine.Unlock()
	_ = sync.NewCond(l.fine)                          // want `sync.NewCond: use env.NewSignal`
	_ = sync.OnceFunc(func() {})                      // want `sync.OnceFunc: use core.Latch`
	_ = sync.OnceValue(func() int { return 1 })       // want `sync.OnceValue: use core.Latch`
	_ = sync.OnceValues(func() (a, b int) { return }) // want `sync.OnceValues: use core.Latch`
}

func chance(seed uint64) {
	_ = rand.IntN(3)     // want `math/rand/v2.IntN: use env.Rand`
	_ = rand.N(3)        // want `math/rand/v2.N: use env.Rand`
	_ = oldrand.Int()    // want `math/rand.Int: use env.Rand`
	rand.Shuffle(1, nil) // want `math/rand/v2.Shuffle: use env.Rand`
	_, _ = cryptorand.Int, maphash.MakeSeed
	r := rand.New(rand.NewPCG(seed, 1))
	_ = r.IntN(3)
}

func machine(p unsafe.Pointer, v reflect.Value) { // want `unsafe.Pointer: use an id`
	_ = os.Args
	_ = exec.Command
	_ = syscall.Getpid
	_ = unique.Make(1)
	_ = weak.Make(&v)
	_ = gob.NewEncoder
	_ = expvar.NewInt
	_ = http.StatusOK
	_, _ = net.Dial("tcp", "") // want `net.Dial: use env.Listen`
	_ = net.JoinHostPort("a", "1")
	_ = net.ErrClosed
	runtime.SetFinalizer(&v, nil)           // want `runtime.SetFinalizer: use an explicit Close`
	runtime.AddCleanup(&v, func(int) {}, 1) // want `runtime.AddCleanup: use an explicit Close`
	runtime.Gosched()                       // want `runtime.Gosched: use env.Yield`
	runtime.GC()                            // want `runtime.GC`
	runtime.ReadMemStats(nil)               // want `runtime.ReadMemStats`
	_ = runtime.NumGoroutine()              // want `runtime.NumGoroutine`
	_ = runtime.NumCPU()                    // want `runtime.NumCPU`
	_ = runtime.GOMAXPROCS(0)               // want `runtime.GOMAXPROCS`
	_ = v.MapRange()                        // want `\(reflect.Value\).MapRange: use sorted keys`
	_ = v.MapKeys()                         // want `\(reflect.Value\).MapKeys: use sorted keys`
	_, _ = iter.Pull[int](nil)              // want `iter.Pull: use a plain range`
	_, _ = iter.Pull2[int, int](nil)        // want `iter.Pull2: use a plain range`
	runtime.Goexit()                        // want `runtime.Goexit: use return`
}

func output(x *int, l *slog.Logger) {
	fmt.Println(1)      // want `fmt.Println: use env.Log`
	fmt.Print(1)        // want `fmt.Print: use env.Log`
	fmt.Printf("%d", 1) // want `fmt.Printf: use env.Log`
	log.Println()
	slog.Info("")      // want `log/slog.Info: use env.Log`
	_ = slog.Default() // want `log/slog.Default: use env.Log`
	l.Info("fine")
	_ = fmt.Sprintf("at %p", x)  // want `%p in a format: use a name or an id`
	_ = fmt.Errorf("at %-8p", x) // want `%p in a format`
	_ = fmt.Sprintf("100%%poor")
	_, _ = prototext.Marshal, protojson.Marshal
	_, _ = proto.Marshal(x) // want `proto.Marshal: use core/wire`
}
