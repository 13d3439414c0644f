package vmlink_test

import (
	"context"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
)

// counter is a VM, and its executor, that counts what it is told.
type counter struct {
	framework.Executor
	forgotten, published, closed int // used by the reader of the link, then by Close
	atClose                      [2]int
}

// Open implements [framework.VM].
func (c *counter) Open(context.Context, *framework.Block) (framework.Executor, error) { return c, nil }

// Resume implements [framework.Rewinder].
func (c *counter) Resume(context.Context, framework.Version, int, framework.Version, framework.View, *framework.Outcome) error {
	return framework.ErrNoCheckpoint
}

// Forget implements [framework.Rewinder].
func (c *counter) Forget(framework.TxIndex) { c.forgotten++ }

// Publish implements [framework.Publisher].
func (c *counter) Publish(framework.Version, []framework.Write, []framework.Add) { c.published++ }

// Estimate implements [framework.Publisher].
func (c *counter) Estimate(framework.Version) {}

// Close implements [framework.Executor].
func (c *counter) Close() error {
	c.closed++
	c.atClose = [2]int{c.forgotten, c.published}
	return nil
}

// TestCloseComesLast checks that what a VM is told just before its block is closed arrives before that.
func TestCloseComesLast(t *testing.T) {
	const transactions = 1000
	for range 10 {
		far := new(counter)
		s := serve(conform.Testing(t), carriers[0], far, vmlink.Config{})
		e, err := s.Open(t.Context(), new(framework.Block))
		if err != nil {
			t.Fatal(err)
		}
		r, isRewinder := e.(framework.Rewinder)
		p, isPublisher := e.(framework.Publisher)
		if !isRewinder || !isPublisher {
			t.Fatalf("the executor has lost its abilities: %T", e)
		}
		for i := range framework.TxIndex(transactions) {
			p.Publish(framework.Version{Tx: i}, make([]framework.Write, 10), nil)
			r.Forget(i)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if want := [2]int{transactions, transactions}; far.atClose != want || far.closed != 1 {
			t.Fatalf("forgotten and published before Close: %v, want %v", far.atClose, want)
		}
	}
}
