package monitor

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/host/sequencer"
)

// chain counts what the sequencer does.
type chain struct {
	head prometheus.Gauge

	blocks, faults, executions, resumptions, aborts, parks prometheus.Counter

	transactions       *prometheus.CounterVec
	executing, sealing prometheus.Histogram
	overlap            prometheus.Counter
}

func newChain() *chain {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "switchyard", Name: name, Help: help})
	}
	seconds := func(name, help string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "switchyard", Name: name, Help: help, Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		})
	}
	return &chain{
		head: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "switchyard", Name: "head_block", Help: "Number of the last block that was sealed.",
		}),
		blocks:      counter("blocks_total", "Blocks that were sealed."),
		faults:      counter("faults_total", "Transactions that were left out because the VM failed on them."),
		executions:  counter("executions_total", "Attempts of transactions that were started."),
		resumptions: counter("resumptions_total", "Attempts that went on in the middle of an earlier one."),
		aborts:      counter("aborts_total", "Attempts that were given up."),
		parks:       counter("parks_total", "Times that an attempt waited for another transaction."),
		transactions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "switchyard", Name: "transactions_total", Help: "Transactions whose outcome is final, by how they ended.",
		}, []string{"status"}),
		executing: seconds("block_execute_seconds", "Time from the first transaction of a block to its last outcome."),
		sealing:   seconds("block_seal_seconds", "Time to stage and seal a block."),
		overlap:   counter("overlap_seconds_total", "Time in which a block was executed while the one before it was sealed."),
	}
}

func (c *chain) register(r *prometheus.Registry) {
	r.MustRegister(c.head, c.blocks, c.faults, c.executions, c.resumptions, c.aborts, c.parks,
		c.transactions, c.executing, c.sealing, c.overlap)
}

// Sealed counts a block. The blocks come in order.
func (m *Monitor) Sealed(b *sequencer.Sealed) {
	c := m.chain
	c.head.Set(float64(b.Number))
	c.blocks.Inc()
	for _, status := range []framework.Status{framework.Succeeded, framework.Reverted, framework.Rejected} {
		n := 0
		for i := range b.Finals {
			if b.Finals[i].Outcome.Status == status {
				n++
			}
		}
		c.transactions.WithLabelValues(status.String()).Add(float64(n))
	}
	faults, _ := b.Faults()
	c.faults.Add(float64(faults))
	c.executions.Add(float64(b.Stats.Executions))
	c.resumptions.Add(float64(b.Stats.Resumptions))
	c.aborts.Add(float64(b.Stats.Aborts))
	c.parks.Add(float64(b.Stats.Parks))
	c.executing.Observe(b.Executing.Seconds())
	c.sealing.Observe(b.Sealing.Seconds())
	c.overlap.Add(b.Overlap.Seconds())
}
