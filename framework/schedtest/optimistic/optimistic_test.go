package optimistic_test

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/schedtest"
	"github.com/switchyard-dev/switchyard/framework/schedtest/optimistic"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		t.Run(fmt.Sprintf("workers=%d", workers), func(t *testing.T) {
			schedtest.Run(conform.Testing(t), schedtest.Config{
				Open: func(conform.T) framework.Scheduler { return optimistic.New(workers) },
			})
		})
	}
}

func FuzzBlocks(f *testing.F) {
	for seed := range uint64(10) {
		f.Add(seed, uint8(seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64, workers uint8) {
		if err := schedtest.Compare(t.Context(), optimistic.New(1+int(workers%8)), seed); err != nil {
			t.Error(err)
		}
	})
}
