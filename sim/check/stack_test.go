package check

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

const stackOfTheKernel = `goroutine 7 [running]:
runtime/debug.Stack()
	/go/src/runtime/debug/stack.go:26 +0x5e
panic({0x1, 0x2})
	/go/src/runtime/panic.go:860 +0x12
github.com/windtunnel/windtunnel/sim.(*World).loop(0xc000)
	/nowhere/sim/loop.go:94 +0x1
created by github.com/windtunnel/windtunnel/sim.(*World).Run in goroutine 6
	/nowhere/sim/loop.go:27 +0x2
`

func TestPanicOfTheKernelIsItsOwn(t *testing.T) {
	frames := panicFrames(stackOfTheKernel)
	const loop = "github.com/windtunnel/windtunnel/sim.(*World).loop"
	assert.Equal(t, site{"loop.go:94", loop}, panicSite(frames))
	assert.Equal(t, loop+" loop.go:94\n", stackText(frames))
}

const stackOfAUser = `goroutine 7 [running]:
panic({0x1, 0x2})
	/go/src/runtime/panic.go:860 +0x12
example.test/user.cleanup.func1()
	/nowhere/user/user.go:9 +0x1
panic({0x1, 0x2})
	/go/src/runtime/panic.go:860 +0x12
github.com/stretchr/testify/assert.True({0x1, 0x2})
	/nowhere/assert.go:3 +0x1
example.test/user.(*T[...]).f(0xc000)
	/nowhere/user/user.go:4 +0x1
`

func TestPanicIsOfTheUsersInnermostCall(t *testing.T) {
	frames := panicFrames(stackOfAUser)
	assert.Equal(t, site{"user.go:4", "example.test/user.(*T[...]).f"}, panicSite(frames))
}

func TestStackWithoutAPanicHasNoPlace(t *testing.T) {
	assert.Equal(t, site{key: "unknown place"}, panicSite(panicFrames("goroutine 7 [running]:\n")))
}
