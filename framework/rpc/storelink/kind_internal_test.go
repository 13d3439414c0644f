package storelink

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// TestKinds keeps the numbers that framework/proto/README.md tells.
func TestKinds(t *testing.T) {
	got := [...]link.Kind{
		kindHead, kindAt, kindStage, kindSeal, kindRevert, kindProve, kindRead, kindClass, kindLeave, kindClose,
	}
	if want := [...]link.Kind{32, 33, 34, 35, 36, 37, 38, 39, 40, 41}; got != want {
		t.Errorf("kinds are %v, plugins in other languages know %v", got, want)
	}
}
