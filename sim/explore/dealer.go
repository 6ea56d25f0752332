package explore

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// dealer hands out runs in rounds, one of each scenario a round, so that every scenario gets as many as the
// others, and within a scenario in the order of its seeds, so that whatever ran, all earlier seeds ran too.
type dealer struct {
	campaign   Campaign
	strategies []Strategy // one a scenario
	ctx        context.Context
	until      time.Time // zero: no bound

	mu      sync.Mutex
	ended   *sync.Cond // a run has
	turn    int        // the scenario whose turn it is
	tallies []*tally
	each    sync.Mutex // held around Campaign.Each
}

// tally is what is known about one scenario while the campaign goes on.
type tally struct {
	dealt, runs int
	closed      bool // no more runs: it failed
	steps       uint64
	virtual     time.Duration
	reached     map[string]uint64
	faults      map[string]Fault
	eventually  map[string]Eventual
	highest     map[string]Highest
	rare        map[string]Branch
	unknown     map[string]bool
	failures    []failing
	diverged    *Divergence
	guide       *guide // nil: runs are their seeds'
}

// failing is the earliest run that failed by a key, and how many did.
type failing struct {
	Ran
	times int
}

func newDealer(ctx context.Context, c Campaign) *dealer {
	d := &dealer{campaign: c, ctx: ctx}
	d.ended = sync.NewCond(&d.mu)
	if c.For > 0 {
		d.until = time.Now().Add(c.For)
	}
	for _, s := range c.Scenarios {
		d.strategies = append(d.strategies, c.Strategy.For(s.Body))
		d.tallies = append(d.tallies, &tally{
			reached: map[string]uint64{}, faults: map[string]Fault{}, eventually: map[string]Eventual{},
			unknown: map[string]bool{}, highest: map[string]Highest{},
			rare: map[string]Branch{},
		})
		if c.Strategy.guided {
			d.tallies[len(d.tallies)-1].guide = newGuide(c.Kept[s.Name])
		}
	}
	return d
}

func (d *dealer) run() {
	var workers sync.WaitGroup
	for range d.campaign.Parallel {
		workers.Go(d.work)
	}
	workers.Wait()
}

func (d *dealer) work() {
	for {
		scenario, ran, ok := d.deal()
		if !ok {
			return
		}
		d.runOne(scenario, ran)
	}
}

// deal gives the next run, passing over scenarios that have all theirs. Where the next one cannot be planned
// before others have ended, it waits for them.
func (d *dealer) deal() (scenario int, ran Ran, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		scenario, ran, ok, later := d.dealt()
		if ok || !later {
			return scenario, ran, ok
		}
		d.ended.Wait()
	}
}

// dealt gives the next run that can be begun at once; later says that there will be one when others end.
func (d *dealer) dealt() (scenario int, ran Ran, ok, later bool) {
	if d.ctx.Err() != nil {
		return 0, Ran{}, false, false
	}
	late := !d.until.IsZero() && time.Now().After(d.until)
	for range d.tallies {
		scenario, t := d.turn, d.tallies[d.turn]
		d.turn = (d.turn + 1) % len(d.tallies)
		switch {
		case !d.wants(t, late):
		case t.guide != nil && !t.guide.ready():
			later = true
		default:
			return scenario, d.begin(scenario), true, false
		}
	}
	return 0, Ran{}, false, later
}

// begin makes the next run of a scenario.
func (d *dealer) begin(scenario int) Ran {
	t := d.tallies[scenario]
	ran := Ran{
		Scenario: d.campaign.Scenarios[scenario].Name, Index: t.dealt, Seed: SeedAt(d.campaign.Base, t.dealt),
	}
	t.dealt++
	if t.guide != nil {
		ran.plan, ran.Orders = t.guide.next(ran.Seed), t.guide.known()
		ran.Seed = ran.plan.seed(ran.Seed)
	}
	return ran
}

func (d *dealer) wants(t *tally, late bool) bool {
	c := d.campaign
	switch {
	case t.closed:
		return false
	case t.dealt < c.AtLeast:
		return true
	case late:
		return false
	}
	return c.Seeds == 0 || t.dealt < c.Seeds
}

func (d *dealer) runOne(scenario int, ran Ran) {
	c, s, strategy := d.campaign, d.campaign.Scenarios[scenario], d.strategies[scenario].by(ran)
	chooser := strategy.New(ran.Seed)
	ran.Outcome = s.Body(chooser, false)
	var diverged *Divergence
	if c.TwinEvery > 0 && ran.Index%c.TwinEvery == 0 {
		diverged = twin(s.Body, strategy, ran)
	}
	if c.Each != nil {
		d.each.Lock()
		c.Each(ran)
		d.each.Unlock()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tallies[scenario].add(ran, diverged, c.Collect)
	if g := d.tallies[scenario].guide; g != nil {
		g.saw(ran, chooser)
	}
	d.ended.Broadcast()
}

func (t *tally) add(ran Ran, diverged *Divergence, collect bool) {
	o := ran.Outcome
	t.runs++
	t.steps += o.Steps
	t.virtual += o.Virtual
	for _, c := range o.Reached {
		t.reached[c.Name] += c.Times
	}
	for _, f := range o.Faults {
		t.faults[f.Kind] = t.faults[f.Kind].and(f)
	}
	for _, e := range o.Eventually {
		t.eventually[e.Name] = t.eventually[e.Name].and(e)
	}
	addBranches(t.rare, o.Rare)
	t.rise(ran)
	for _, name := range o.Unknown {
		t.unknown[name] = true
	}
	if diverged != nil && (t.diverged == nil || diverged.Index < t.diverged.Index) {
		t.diverged, t.closed = diverged, true
	}
	if o.Failure == nil {
		return
	}
	if !collect {
		t.closed = true
	}
	t.keep(ran)
}

// keep holds the earliest run of each key, and counts the others.
func (t *tally) keep(ran Ran) {
	at := slices.IndexFunc(t.failures, func(known failing) bool {
		return known.Outcome.Failure.Key == ran.Outcome.Failure.Key
	})
	if at < 0 {
		t.failures = append(t.failures, failing{Ran: ran, times: 1})
		return
	}
	known := &t.failures[at]
	known.times++
	if ran.Index < known.Index {
		known.Ran = ran
	}
}

func counts(m map[string]uint64) []Count {
	var out []Count
	for name, times := range m {
		out = append(out, Count{Name: name, Times: times})
	}
	slices.SortFunc(out, func(a, b Count) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// byName lists the values of a map in the order of their names.
func byName[T any](m map[string]T) []T {
	var out []T
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[name])
	}
	return out
}
