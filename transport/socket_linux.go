package transport

import (
	"net"
	"syscall"
)

const (
	tcpNotSentLowat = 25 // TCP_NOTSENT_LOWAT; package syscall has no name for it
	unsentBytes     = 128 << 10
)

// tune keeps what is written but not yet on the wire short, so that a critical message does not stand behind
// megabytes of bulk in the kernel's buffer. Without it only the delay is longer.
func tune(socket net.Conn) {
	tcp, ok := socket.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpNotSentLowat, unsentBytes)
	})
}
