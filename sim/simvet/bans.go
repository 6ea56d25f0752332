package simvet

import "slices"

// A ban is one symbol or import that gives an answer which no seed brings back.
type ban struct {
	symbol  string // as go doc names it; "path.*" is every function and variable of a package
	instead string
	why     string
}

func (b ban) message(symbol string) string { return symbol + ": use " + b.instead + ": " + b.why }

const (
	theClock       = "the machine's clock is not the World's"
	realTimers     = "timers of the machine fire outside the schedule"
	realCancel     = "only a context of the Env ends at a moment that the schedule decides"
	goScheduler    = "the Go scheduler decides who runs, not the schedule"
	otherChance    = "the seed does not decide it"
	theMachine     = "it reaches the machine, which differs from run to run"
	collector      = "it depends on when the garbage collector runs"
	anyBytes       = "its output is unstable on purpose"
	hiddenLock     = "a lock that the scheduler cannot see hangs the World"
	hiddenWait     = "a wait that the scheduler cannot see hangs the World"
	onceInstead    = "core.Latch, or do it at boot"
	coroutine      = "it starts a coroutine that is no task of the World"
	sharedByAll    = "it is shared by every World of the process"
	otherAddresses = "addresses differ from run to run"
	notTheNodes    = "output of a node belongs to that node, with its virtual time"
)

// bannedSymbols returns the bans on single functions, methods, types and variables.
func bannedSymbols() []ban {
	return slices.Concat(clocks(), cancellations(), blocking(), chanceAndRuntime(), reachingOut())
}

func clocks() []ban {
	return []ban{
		{"time.Now", "env.Now (steady) or env.Wall", theClock},
		{"time.Since", "env.Now and Instant.Sub", theClock},
		{"time.Until", "env.Now and Instant.Sub", theClock},
		{"time.Sleep", "env.Sleep", realTimers},
		{"time.After", "Signal.Wait with a duration", realTimers},
		{"time.Tick", "a loop around env.Sleep", realTimers},
		{"time.AfterFunc", "env.Go with env.Sleep", realTimers},
		{"time.NewTimer", "Signal.Wait with a duration", realTimers},
		{"time.NewTicker", "a loop around env.Sleep", realTimers},
		{"time.Timer", "Signal.Wait with a duration", realTimers},
		{"time.Ticker", "a loop around env.Sleep", realTimers},
		{"time.Local", "time.UTC", theMachine},
		{"time.LoadLocation", "time.FixedZone", theMachine},
		{"(time.Time).Local", "Time.UTC", theMachine},
	}
}

func cancellations() []ban {
	return []ban{
		{"context.WithCancel", "env.WithCancel", realCancel},
		{"context.WithCancelCause", "env.WithCancel", realCancel},
		{"context.WithTimeout", "env.WithTimeout", realCancel},
		{"context.WithTimeoutCause", "env.WithTimeout", realCancel},
		{"context.WithDeadline", "env.WithTimeout", realCancel},
		{"context.WithDeadlineCause", "env.WithTimeout", realCancel},
		{"context.AfterFunc", "a task that waits under the context", goScheduler},
	}
}

func blocking() []ban {
	return []ban{
		{"sync.Mutex", "env.NewLocker, or one owner task", hiddenLock},
		{"(*sync.Mutex).Lock", "env.NewLocker, or one owner task", hiddenLock},
		{"sync.RWMutex", "env.NewLocker, or an immutable snapshot", hiddenLock},
		{"sync.WaitGroup", "core.Group", hiddenWait},
		{"sync.Cond", "env.NewSignal", hiddenWait},
		{"sync.NewCond", "env.NewSignal", hiddenWait},
		{"sync.Once", onceInstead, hiddenWait},
		{"sync.OnceFunc", onceInstead, hiddenWait},
		{"sync.OnceValue", onceInstead, hiddenWait},
		{"sync.OnceValues", onceInstead, hiddenWait},
		{"sync.Map", "a map with one owner task, or under env.NewLocker", mapOrder},
		{"sync.Pool", "a free list of your own", collector},
	}
}

func chanceAndRuntime() []ban {
	return []ban{
		{"math/rand.*", "env.Rand", otherChance},
		{"math/rand/v2.*", "env.Rand", otherChance},
		{"runtime.SetFinalizer", "an explicit Close", collector},
		{"runtime.AddCleanup", "an explicit Close", collector},
		{"runtime.NumGoroutine", "nothing: count what you start", theMachine},
		{"runtime.NumCPU", "configuration", theMachine},
		{"runtime.GOMAXPROCS", "configuration", theMachine},
		{"runtime.Gosched", "env.Yield", goScheduler},
		{"runtime.Goexit", "return", "only the task wrapper may end a task"},
		{"runtime.GC", "nothing", collector},
		{"runtime.ReadMemStats", "nothing", collector},
		{"unsafe.Pointer", "an id", otherAddresses},
		{"iter.Pull", "a plain range over the sequence", coroutine},
		{"iter.Pull2", "a plain range over the sequence", coroutine},
		{"(reflect.Value).MapRange", "sorted keys", mapOrder},
		{"(reflect.Value).MapKeys", "sorted keys", mapOrder},
	}
}

func reachingOut() []ban {
	return []ban{
		{"net.*", "env.Listen", theMachine},
		{"fmt.Print", "env.Log", notTheNodes},
		{"fmt.Println", "env.Log", notTheNodes},
		{"fmt.Printf", "env.Log", notTheNodes},
		{"log/slog.Default", "env.Log", notTheNodes},
		{"log/slog.SetDefault", "env.Log", notTheNodes},
		{"log/slog.Debug", "env.Log", notTheNodes},
		{"log/slog.Info", "env.Log", notTheNodes},
		{"log/slog.Warn", "env.Log", notTheNodes},
		{"log/slog.Error", "env.Log", notTheNodes},
		{"log/slog.DebugContext", "env.Log", notTheNodes},
		{"log/slog.InfoContext", "env.Log", notTheNodes},
		{"log/slog.WarnContext", "env.Log", notTheNodes},
		{"log/slog.ErrorContext", "env.Log", notTheNodes},
		{"google.golang.org/protobuf/proto.Marshal", "core/wire, or MarshalOptions.Deterministic", anyBytes},
	}
}

// harmless are the members of packages banned with ".*" that only compute.
func harmless() []string {
	return []string{
		"math/rand.New", "math/rand.NewSource", "math/rand.NewZipf",
		"math/rand/v2.New", "math/rand/v2.NewPCG", "math/rand/v2.NewChaCha8", "math/rand/v2.NewZipf",
		"net.JoinHostPort", "net.SplitHostPort", "net.ParseIP", "net.ParseCIDR", "net.CIDRMask", "net.IPv4",
		"net.ErrClosed",
	}
}

// bannedImports returns the packages of which nothing serves a node. "path/..." is a package and all below.
func bannedImports() []ban {
	return []ban{
		{"os/...", "configuration at boot", theMachine},
		{"syscall", "nothing", theMachine},
		{"plugin", "nothing", theMachine},
		{"net/http/...", "a seam, with the library in a folder of its own", goScheduler},
		{"net/rpc/...", "core/rpc", goScheduler},
		{"log", "env.Log", notTheNodes},
		{"expvar", "counters of your own", sharedByAll},
		{"crypto/rand", "env.Rand", otherChance},
		{"hash/maphash", "a hash with a fixed seed, such as hash/fnv", otherChance},
		{"unique", "plain values", collector},
		{"weak", "plain pointers", collector},
		{"encoding/gob", "core/wire", "its type ids depend on what the process encoded before"},
		{"google.golang.org/protobuf/encoding/prototext", "core/wire", anyBytes},
		{"google.golang.org/protobuf/encoding/protojson", "core/wire", anyBytes},
		{"golang.org/x/sync/...", "core.Group", goScheduler},
		{"golang.org/x/time/rate", "arithmetic on env.Now", theClock},
		{"github.com/google/uuid", "env.Rand", otherChance},
	}
}
