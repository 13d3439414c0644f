package link_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// TestPoll has goroutines take in what arrives beside the one that reads the link: nothing is lost, nothing comes twice or
// in another order, and at no time is the handler called twice at once.
func TestPoll(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		const frames, pollers = 3000, 3
		var next atomic.Uint64
		var inside atomic.Int32
		all := make(chan struct{})
		s, c := tr.open(t, link.Options{Handler: func(r *link.Request) error {
			if inside.Add(1) != 1 {
				t.Error("the handler is called twice at once")
			}
			defer inside.Add(-1)
			if n := binary.LittleEndian.Uint64(r.Payload()); n != next.Load() {
				return fmt.Errorf("frame %d came, want %d", n, next.Load())
			}
			if next.Add(1) == frames {
				close(all)
			}
			return nil
		}}, link.Options{})
		ctx := within(t)
		var wg sync.WaitGroup
		for range pollers {
			wg.Go(func() {
				for next.Load() < frames && s.Err() == nil {
					s.Poll()
				}
			})
		}
		for n := range uint64(frames) {
			if err := c.Send(ctx, link.FirstKind, binary.LittleEndian.AppendUint64(nil, n)); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case <-all:
		case <-s.Done():
			t.Error(s.Err())
		}
		wg.Wait()
	})
}

// TestPollEnds has a goroutine take in that the other side closes, beside the one that reads the link: it must not wait for that
// one, which waits for it.
func TestPollEnds(t *testing.T) {
	eachTransport(t, func(t *testing.T, tr transport) {
		for range 300 {
			s, c := tr.open(t, link.Options{}, link.Options{})
			polled := make(chan struct{})
			go func() {
				defer close(polled)
				for s.Err() == nil {
					s.Poll()
				}
			}()
			_ = c.Close()
			select {
			case <-polled:
			case <-within(t).Done():
				t.Fatal("Poll does not return")
			}
			_ = s.Close()
		}
	})
}
