package schedlink

import (
	"testing"
	"testing/synctest"

	"github.com/switchyard-dev/switchyard/framework"
)

// TestLargeOutcomes sends outcomes each of which is more than may be on its way, so that whoever adds one waits for the sender
// and for nobody else: it must not wait for memory that is used again.
func TestLargeOutcomes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(nil, 1, func() {})
		large := []framework.Final{{Outcome: &framework.Outcome{Receipt: make([]byte, ahead+1)}}}
		for range 5 {
			if err := o.finals(large); err != nil {
				t.Fatal(err)
			}
			b, ok := o.take()
			if !ok || len(b.finals) <= ahead {
				t.Fatalf("%d bytes are to be sent, %v, want more than %d", len(b.finals), ok, ahead)
			}
			o.recycle(b.finals)
		}
		o.close()
		if _, ok := o.take(); ok {
			t.Error("something is to be sent after the end")
		}
	})
}
