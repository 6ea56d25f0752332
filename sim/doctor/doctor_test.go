package doctor_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/windtunnel/windtunnel/sim/check"
	"github.com/windtunnel/windtunnel/sim/doctor"
	"github.com/windtunnel/windtunnel/sim/explore"
	"github.com/windtunnel/windtunnel/sim/simvet"
)

// diagnose examines a body in this process and in others, which come to this very line.
func diagnose(t *testing.T, body func(*check.Run)) *doctor.Diagnosis {
	t.Helper()
	request, is, err := explore.TwinRequested()
	require.NoError(t, err)
	if is {
		require.NoError(t, request.Serve(check.Scenario(request.Scenario, body).Body))
		os.Exit(0)
	}
	test := strings.ReplaceAll(t.Name(), "/", "$/^")
	d, err := doctor.Diagnose(t.Context(), doctor.Case{
		Name: t.Name(), Body: body, Strategy: explore.Random, Seed: 1,
		Args: []string{"-test.run=^" + test + "$"},
	})
	require.NoError(t, err)
	return d
}

// planted is the line of planted_test.go that says so.
func planted(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("planted_test.go")
	require.NoError(t, err)
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasSuffix(line, "// planted: "+name) {
			return fmt.Sprintf("sim/doctor/planted_test.go:%d", i+1)
		}
	}
	t.Fatalf("nothing is planted as %s", name)
	return ""
}

func TestEveryPlantedCauseIsNamedWithItsPosition(t *testing.T) {
	for _, plant := range []struct {
		name     string
		body     func(*check.Run)
		cause    simvet.Cause
		evidence string
	}{
		{"mapOrder", mapOrder, simvet.MapOrder, "range over a map"},
		{"nativeSelect", nativeSelect, simvet.Goroutine, "select: "},
		{"goroutine", goroutine, simvet.Goroutine, "a goroutine was there that is no task: started by "},
		{"wallClock", wallClock, simvet.WallClock, "time.Now: use env.Now"},
		{"randomness", randomness, simvet.Randomness, "a new one each time"},
		{"decoy", decoy, simvet.Randomness, "time.Now: use env.Now"},
		{"sharedVariable", sharedVariable, simvet.SharedState, "package variable runs"},
		{"sharedAround", sharedAround(), simvet.SharedState, "something is carried over from run to run"},
		{"fileSystem", fileSystem, simvet.Outside, "import os: "},
		{"processNumber", processNumber, simvet.Outside, "runs of a process agree"},
	} {
		t.Run(plant.name, func(t *testing.T) {
			d := diagnose(t, plant.body)
			require.NotNil(t, d, "all runs had one trace")
			assert.Equal(t, plant.cause, d.Cause, "%s", d)
			assert.Equal(t, planted(t, plant.name), d.Place, "%s", d)
			assert.Contains(t, strings.Join(d.Evidence, "\n"), plant.evidence)
			assert.GreaterOrEqual(t, d.Divergence.Event, 0)
			assert.NotEqual(t, d.Divergence.FirstEvent, d.Divergence.SecondEvent)
		})
	}
}

func TestNothingIsSaidOfARunThatIsItsSeeds(t *testing.T) {
	require.Nil(t, diagnose(t, harmless))
}
