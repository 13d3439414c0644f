package schedtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/vmtest/toy"
	"github.com/switchyard-dev/switchyard/framework/workload"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

// workloadTests returns a test for each generator of package workload, and one for the toy VM.
func workloadTests() []test {
	var tests []test
	for _, name := range workload.Names() {
		tests = append(tests, test{"workload " + name, func(s *suite, t conform.T) {
			sched := s.open(t)
			for seed := range uint64(6) {
				b, err := synthesize(workload.Spec{Name: name, Transactions: 60, Accounts: 7, Seed: seed, Fee: "add", FailPct: 10},
					synthetic.Config{})
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				s.equal(t, play{scene: b, sched: sched})
			}
		}})
	}
	return append(tests, test{"toy scripts with words of 256 bits", func(s *suite, t conform.T) {
		sched := s.open(t)
		for seed := range uint64(10) {
			s.equal(t, play{scene: toys(seed, 50), sched: sched})
		}
	}})
}

// synthesize returns block 1 of a workload on its genesis.
func synthesize(spec workload.Spec, config synthetic.Config) (*scene, error) {
	w, err := workload.New(spec)
	if err != nil {
		return nil, err
	}
	vm, err := synthetic.New(config)
	if err != nil {
		return nil, err
	}
	block, txs := w.Block(1)
	b := &scene{block: *block, base: newCells(), txs: txs}
	genesis := w.Genesis()
	b.with(genesis.Writes...)
	for _, c := range genesis.Classes {
		b.base.classes[c.Hash] = &c
	}
	return b, b.opened(vm)
}

// opened gives the block an executor, and one like it for the oracle.
func (b *scene) opened(vm framework.VM) error {
	var err error
	if b.vm, err = vm.Open(context.Background(), &b.block); err != nil {
		return err
	}
	b.twin, err = vm.Open(context.Background(), &b.block)
	return err
}

// toys returns a block of n random scripts of the toy VM. Their words are far above the prime of any field.
func toys(seed uint64, n int) *scene {
	rnd := rand.New(rand.NewPCG(seed, 2))
	b := &scene{block: framework.Block{Number: 3, Protocol: toy.Protocol}, base: newCells()}
	for i, name := range toyNames {
		w := toy.Name(name + "'s value")
		if i%2 == 1 {
			w = toy.Cell(toyNames[rnd.IntN(len(toyNames))]).Slot // for follow
		}
		b.with(framework.Write{Key: toy.Cell(name), Value: w})
	}
	low, high := toy.Balance("full")
	b.with(framework.Write{Key: low, Value: most}, framework.Write{Key: high, Value: most})
	for range n {
		b.txs = append(b.txs, toy.Tx(toyScript(rnd)))
	}
	if err := b.opened(toy.VM{}); err != nil {
		panic(err) // a block without a header, of the protocol that the VM knows
	}
	return b
}

var toyNames = []string{"a", "b", "c", "d", "e", "f"}

// toyScript returns a random script.
func toyScript(rnd *rand.Rand) string {
	name := func() string { return toyNames[rnd.IntN(len(toyNames))] }
	balance := func() string { return []string{"x", "y", "full"}[rnd.IntN(3)] }
	class := func() int { return rnd.IntN(4) }
	lines := []func() string{
		func() string { return "load " + name() },
		func() string { return "load " + name() },
		func() string { return "store " + name() },
		func() string { return "store " + name() },
		func() string { return "point " + name() },
		func() string { return "follow" },
		func() string { return "hash" },
		func() string { return "keep" },
		func() string { return "plus 0x8000000000000000000000000000000000000000000000000000000000000001" },
		func() string {
			return fmt.Sprintf("need 0x%x0000000000000000000000000000000000000000000000000000000000000", rnd.IntN(600))
		},
		func() string { return fmt.Sprintf("pay %s %d", balance(), rnd.IntN(9)) },
		func() string { return fmt.Sprintf("pay %s 0xffffffffffffffffffffffffffffffff", balance()) },
		func() string { return "balance " + balance() },
		func() string { return fmt.Sprintf("declare class%d load a|plus 3|store b|pay x 1", class()) },
		func() string { return fmt.Sprintf("call class%d", class()) },
		func() string { return []string{"reject", "keep", "keep", "keep"}[rnd.IntN(4)] },
	}
	script := make([]string, 1+rnd.IntN(10))
	for i := range script {
		script[i] = lines[rnd.IntN(len(lines))]()
	}
	return strings.Join(slices.Clip(script), "; ")
}
