package sim

import "time"

// transmitter is the sending side of a link of bounded bandwidth: one packet at a time, the most urgent class
// first. A more urgent packet interrupts the one under transmission, which goes on afterwards where it
// stopped, as frames of a real transport do: else a heartbeat would stand behind megabytes of statistics.
type transmitter struct {
	queued  classQueue
	current *packet
	began   time.Duration // when current's transmission began, or went on
	shift   uint64        // counts beginnings: the end of an interrupted transmission is not for now
}

func (t *transmitter) isIdle() bool { return t.current == nil && t.queued.isEmpty() }

// transmit queues a packet.
func (l *link) transmit(p *packet) {
	t := &l.transmitter
	p.unsent = len(p.body) + headerBytes
	l.bite(func(e *effect) bool { return e.narrows })
	t.queued.push(p)
	if t.current != nil && p.class < t.current.class {
		l.interrupt()
	}
	l.transmitNext()
}

// interrupt puts the packet under transmission back to the head of its class.
func (l *link) interrupt() {
	t := &l.transmitter
	if t.current == nil {
		return
	}
	if l.now.Bandwidth > 0 {
		sent := int(int64(l.net.now()-t.began) * int64(l.now.Bandwidth) / int64(time.Second))
		t.current.unsent = max(t.current.unsent-sent, 0)
	}
	t.queued[t.current.class].pushFront(t.current)
	t.current = nil
	t.shift++
}

// transmitNext begins with the most urgent packet when the link is free.
func (l *link) transmitNext() {
	t := &l.transmitter
	for t.current == nil {
		p := t.queued.pop()
		if p == nil {
			return
		}
		if p.lost {
			l.net.drop(p, DropTail)
			continue
		}
		t.current, t.began = p, l.net.now()
		t.shift++
		shift := t.shift
		l.net.after(l.transmissionTime(p), func() { l.transmitted(shift) })
	}
}

// transmissionTime rounds up, so that a link never carries more than its bandwidth.
func (l *link) transmissionTime(p *packet) time.Duration {
	if l.now.Bandwidth == 0 {
		return 0
	}
	bandwidth := int64(l.now.Bandwidth)
	whole, rest := int64(p.unsent)/bandwidth, int64(p.unsent)%bandwidth
	return time.Duration(whole*int64(time.Second) + (rest*int64(time.Second)+bandwidth-1)/bandwidth)
}

func (l *link) transmitted(shift uint64) {
	t := &l.transmitter
	if t.shift != shift || t.current == nil {
		return
	}
	p := t.current
	t.current, p.unsent = nil, 0
	if p.lost {
		l.net.drop(p, DropTail)
	} else {
		l.launch(p)
	}
	l.transmitNext()
}
