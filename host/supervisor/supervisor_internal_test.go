package supervisor

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/host/config"
)

func TestPause(t *testing.T) {
	p := &process{s: &Supervisor{policy: config.Restart{Backoff: 100 * time.Millisecond, Longest: time.Second}}}
	for deaths, want := range []time.Duration{0, 0, 100e6, 200e6, 400e6, 800e6, 1e9, 1e9} {
		got := p.pause(deaths)
		if got < want*8/10 || got > want*12/10 {
			t.Errorf("pause after %d deaths is %v, want about %v", deaths, got, want)
		}
	}
	if got := p.pause(1000); got > 1200*time.Millisecond {
		t.Errorf("pause after 1000 deaths is %v", got)
	}
}

// TestCount checks that deaths are forgotten after a healthy while.
func TestCount(t *testing.T) {
	p := &process{s: &Supervisor{policy: config.Restart{Healthy: time.Minute}}, since: time.Now()}
	if a, b := p.count(), p.count(); a != 1 || b != 2 {
		t.Errorf("two deaths count %d and %d", a, b)
	}
	p.since = time.Now().Add(-2 * time.Minute)
	if n := p.count(); n != 1 {
		t.Errorf("a death after two healthy minutes counts %d, want 1", n)
	}
}

func TestLimitsOfASharedProcess(t *testing.T) {
	a := config.Limits{Memory: 100, Files: 0, Processors: 4}
	b := config.Limits{Memory: 200, Files: 10, Processors: 2}
	want := config.Limits{Memory: 100, Files: 10, Processors: 2}
	if diff := cmp.Diff(want, lowest(a, b)); diff != "" {
		t.Errorf("lowest (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, lowest(b, a)); diff != "" {
		t.Errorf("lowest (-want +got):\n%s", diff)
	}
	env := environment(want)
	for _, v := range []string{"GOMAXPROCS=2", fmt.Sprintf("GOMEMLIMIT=%d", 90)} {
		if !slices.Contains(env, v) {
			t.Errorf("the environment has no %s", v)
		}
	}
}
