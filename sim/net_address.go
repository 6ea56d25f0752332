package sim

import (
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/windtunnel/windtunnel/core"
)

// bookKey is where an endpoint listens. Ports of "tcp" and "udp" do not meet.
type bookKey struct {
	network string
	addr    core.Address
}

// addressBook knows who listens where. The host part of an address is the name of its node.
type addressBook struct {
	taken   map[bookKey]*endpoint
	inOrder []*endpoint // as they began to listen
}

// The range that port 0 picks from, the lowest free one first.
const (
	firstFreePort = 49152
	lastFreePort  = 65535
)

// claim returns the address that an endpoint of the named node gets for addr. It is not taken until put.
func (b *addressBook) claim(node, kind, addr string) (core.Address, error) {
	if kind != "tcp" && kind != "udp" {
		return "", fmt.Errorf("%s: listen: network %q: want tcp or udp", node, kind)
	}
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("%s: listen: %w", node, err)
	}
	if !isOwnHost(host, node) {
		return "", fmt.Errorf("%s: listen %s: the host must be %q or empty", node, addr, node)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return "", fmt.Errorf("%s: listen %s: port: %w", node, addr, err)
	}
	if port != 0 {
		key := bookKey{kind, joinAddress(node, int(port))}
		if b.taken[key] != nil {
			return "", fmt.Errorf("%s: listen %s: %w", node, addr, core.ErrAddressInUse)
		}
		return key.addr, nil
	}
	for free := firstFreePort; free <= lastFreePort; free++ {
		key := bookKey{kind, joinAddress(node, free)}
		if b.taken[key] == nil {
			return key.addr, nil
		}
	}
	return "", fmt.Errorf("%s: listen %s: no port is free: %w", node, addr, core.ErrAddressInUse)
}

// isOwnHost accepts the node's name, and what means "here" on a real machine, so that the same code listens
// in both worlds.
func isOwnHost(host, node string) bool {
	return host == node || host == "" || host == "0.0.0.0" || host == "127.0.0.1" || host == "localhost"
}

func joinAddress(node string, port int) core.Address {
	return core.Address(node + ":" + strconv.Itoa(port))
}

// hostOf returns the node's name in an address, or "" for one without a port.
func hostOf(addr core.Address) string {
	for i := len(addr) - 1; i >= 0; i-- {
		if addr[i] == ':' {
			return string(addr[:i])
		}
	}
	return ""
}

func (b *addressBook) put(e *endpoint) {
	if b.taken == nil {
		b.taken = make(map[bookKey]*endpoint)
	}
	b.taken[bookKey{e.kind, e.addr}] = e
	b.inOrder = append(b.inOrder, e)
}

func (b *addressBook) remove(e *endpoint) {
	delete(b.taken, bookKey{e.kind, e.addr})
	b.inOrder = slices.DeleteFunc(b.inOrder, func(other *endpoint) bool { return other == e })
}

func (b *addressBook) find(kind string, addr core.Address) *endpoint {
	return b.taken[bookKey{kind, addr}]
}
