package vmlink_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
	"github.com/switchyard-dev/switchyard/framework/schedtest"
	"github.com/switchyard-dev/switchyard/framework/schedtest/optimistic"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-serial/serial"
)

// TestScheduler runs the suite of schedulers with the VM of every job behind a link.
func TestScheduler(t *testing.T) {
	schedulers := []struct {
		name string
		open func() (framework.Scheduler, error)
	}{
		{"serial", func() (framework.Scheduler, error) { return serial.Scheduler{}, nil }},
		{"optimistic", func() (framework.Scheduler, error) { return optimistic.New(4), nil }},
		{"blockstm", func() (framework.Scheduler, error) {
			return blockstm.New(blockstm.Config{Workers: 4, ForceWorkers: true})
		}},
	}
	for _, carrier := range carriers {
		for _, s := range schedulers {
			if carrier != link.Frames && s.name != "optimistic" {
				continue // the carrier is below all that differs
			}
			t.Run(string(carrier)+"/"+s.name, func(t *testing.T) {
				j := &jobs{carrier: carrier, links: map[conform.T]*placed{}}
				ct := conform.Testing(t)
				if s.name != "blockstm" {
					ct = conform.Sample(ct, "ability", "load", "end", "report")
				}
				schedtest.Run(ct, schedtest.Config{
					Open: func(t conform.T) framework.Scheduler {
						sched, err := s.open()
						if err != nil {
							t.Fatalf("open: %v", err)
						}
						return sched
					},
					Wrap:   j.wrap,
					Blocks: 20,
				})
			})
		}
	}
}

// jobs puts the VMs of jobs behind links, one link for each test.
type jobs struct {
	carrier link.Carrier
	plain   bool // without a replica

	mu    sync.Mutex
	links map[conform.T]*placed // guarded by mu
}

// placed is a link at whose far end the executor that is put into next is opened.
type placed struct {
	*served
	mu   sync.Mutex
	next framework.Executor // guarded by mu
}

// Open implements [framework.VM].
func (p *placed) Open(context.Context, *framework.Block) (framework.Executor, error) {
	return p.next, nil
}

// wrap returns the job with its VM behind the link of the test.
func (j *jobs) wrap(t conform.T, job framework.Job) framework.Job {
	t.Helper()
	j.mu.Lock()
	p := j.links[t]
	if p == nil {
		p = new(placed)
		// What a VM executes again because values were out of date, the scheduler does not count.
		counts := strings.HasSuffix(t.Name(), "report/statistics")
		p.served = serve(t, j.carrier, p, vmlink.Config{Workers: 8, NoReplica: counts || j.plain})
		j.links[t] = p
	}
	j.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &witness{seen: make(chan struct{}, 1)}
	p.next = far{job.VM, w}.executor()
	vm, err := p.served.Open(context.Background(), job.Block)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	job.VM = near(vm, w)
	return job
}

// witness lets Forget and Learn return only when the far side has heard of them, and Publish and Estimate if there is
// no Forget to come: the suite looks whether the VM was told as soon as a run has ended.
type witness struct {
	publications bool // are waited for
	mu           sync.Mutex
	seen         chan struct{}
}

func (w *witness) wait(tell func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	tell()
	<-w.seen
}

// far is an executor at the far side, with the abilities of the one that it is. It is the suite's: nobody closes it.
type far struct {
	framework.Executor
	w *witness
}

func (f far) executor() framework.Executor {
	r, _ := f.Executor.(framework.Rewinder)
	p, _ := f.Executor.(framework.Predictor)
	u, _ := f.Executor.(framework.Publisher)
	if r == nil && u != nil {
		f.w.publications = true
		u = farPublisher{u, f.w}
	}
	if r != nil {
		r = farRewinder{r, f.w}
	}
	if p != nil {
		p = farPredictor{p, f.w}
	}
	return framework.Combine(f, r, p, u)
}

// Close implements [framework.Executor].
func (far) Close() error { return nil }

type farRewinder struct {
	framework.Rewinder
	w *witness
}

// Forget implements [framework.Rewinder].
func (f farRewinder) Forget(tx framework.TxIndex) {
	f.Rewinder.Forget(tx)
	f.w.seen <- struct{}{}
}

type farPredictor struct {
	framework.Predictor
	w *witness
}

// Learn implements [framework.Predictor].
func (f farPredictor) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	f.Predictor.Learn(tx, reads, writes)
	f.w.seen <- struct{}{}
}

type farPublisher struct {
	framework.Publisher
	w *witness
}

// Publish implements [framework.Publisher].
func (f farPublisher) Publish(v framework.Version, writes []framework.Write, adds []framework.Add) {
	f.Publisher.Publish(v, writes, adds)
	f.w.seen <- struct{}{}
}

// Estimate implements [framework.Publisher].
func (f farPublisher) Estimate(v framework.Version) {
	f.Publisher.Estimate(v)
	f.w.seen <- struct{}{}
}

// near returns the executor at the near side.
func near(vm framework.Executor, w *witness) framework.Executor {
	r, _ := vm.(framework.Rewinder)
	p, _ := vm.(framework.Predictor)
	u, _ := vm.(framework.Publisher)
	if w.publications {
		u = nearPublisher{u, w}
	}
	if r != nil {
		r = nearRewinder{r, w}
	}
	if p != nil {
		p = nearPredictor{p, w}
	}
	return framework.Combine(vm, r, p, u)
}

type nearRewinder struct {
	framework.Rewinder
	w *witness
}

// Forget implements [framework.Rewinder].
func (n nearRewinder) Forget(tx framework.TxIndex) { n.w.wait(func() { n.Rewinder.Forget(tx) }) }

type nearPredictor struct {
	framework.Predictor
	w *witness
}

// Learn implements [framework.Predictor].
func (n nearPredictor) Learn(tx *framework.Tx, reads, writes []framework.Key) {
	n.w.wait(func() { n.Predictor.Learn(tx, reads, writes) })
}

type nearPublisher struct {
	framework.Publisher
	w *witness
}

// Publish implements [framework.Publisher].
func (n nearPublisher) Publish(v framework.Version, writes []framework.Write, adds []framework.Add) {
	n.w.wait(func() { n.Publisher.Publish(v, writes, adds) })
}

// Estimate implements [framework.Publisher].
func (n nearPublisher) Estimate(v framework.Version) { n.w.wait(func() { n.Publisher.Estimate(v) }) }
