package schedlink

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// TestKinds keeps the numbers that framework/proto/README.md tells.
func TestKinds(t *testing.T) {
	got := [...]link.Kind{kindRun, kindEnd, kindCancel, kindNext, kindFinals, kindEvents, kindFinish, kindLeave}
	if want := [...]link.Kind{32, 33, 34, 35, 36, 37, 38, 39}; got != want {
		t.Errorf("kinds are %v, plugins in other languages know %v", got, want)
	}
}
