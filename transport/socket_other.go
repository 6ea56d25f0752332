//go:build !linux

package transport

import "net"

// tune does nothing where the kernel's unsent bytes cannot be bounded.
func tune(net.Conn) {}
