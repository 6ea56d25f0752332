package gate

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/core"
)

func words(s string) []string { return strings.Fields(s) }

func TestAKeyNamesOneJobForOneSpecification(t *testing.T) {
	k := newKeys()
	_, known, err := k.find("key", 7)
	require.NoError(t, err)
	require.False(t, known)
	k.add("key", 7, "job", 100)
	job, known, err := k.find("key", 7)
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, "job", job)
	_, known, err = k.find("key", 8)
	require.ErrorIs(t, err, errKeyConflict)
	require.True(t, known)
}

func TestAKeyIsForgottenAfterItsJobAndNotBeforeItsTime(t *testing.T) {
	for _, c := range []struct {
		name    string
		dropped bool
		before  core.Instant
		known   bool
	}{
		{"its job is kept, however old", false, 1 << 40, true},
		{"its job is forgotten, but it is young", true, 100, true},
		{"its job is forgotten, and its time is over", true, 101, false},
	} {
		k := newKeys()
		k.add("key", 7, "job", 100)
		k.add("other", 9, "another", 1<<41)
		if c.dropped {
			k.drop("key")
		}
		k.expire(c.before)
		_, known, err := k.find("key", 7)
		require.NoError(t, err)
		require.Equal(t, c.known, known, c.name)
		_, known, _ = k.find("other", 9)
		require.True(t, known, c.name)
		require.Len(t, k.order, len(k.byKey), c.name)
	}
}

func TestAForgottenKeyMayNameAnotherJob(t *testing.T) {
	k := newKeys()
	k.add("key", 7, "job", 100)
	k.drop("key")
	k.expire(200)
	k.add("key", 8, "next", 300)
	job, known, err := k.find("key", 8)
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, "next", job)
	k.drop("unknown") // harms nobody
	require.Len(t, k.order, 1)
}
