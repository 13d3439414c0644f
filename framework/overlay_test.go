package framework_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
)

// TestOverlayChanges checks that what lies on top comes out in order, each cell with its last value.
func TestOverlayChanges(t *testing.T) {
	o := framework.NewOverlay(t.Context(), nil, []framework.Write{{Key: key(7), Value: word(1)}})
	a, b := framework.Class{Hash: word(2)}, framework.Class{Hash: word(1)}
	o.Apply([]framework.Write{{Key: key(3), Value: word(2)}, {Key: key(7), Value: word(3)}}, []framework.Class{a, b})
	writes, classes := o.Changes()
	want := []framework.Write{{Key: key(3), Value: word(2)}, {Key: key(7), Value: word(3)}}
	if diff := cmp.Diff(want, writes); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]*framework.Class{&b, &a}, classes); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
}
