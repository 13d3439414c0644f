package blockstm_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/schedtest"
	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	for _, name := range blockstm.Policies() {
		t.Run(name, func(t *testing.T) { conformance(t, blockstm.Config{Policy: name, Workers: 4, ForceWorkers: true}) })
	}
	t.Run("one worker", func(t *testing.T) { conformance(t, blockstm.Config{Workers: 1}) })
	t.Run("defaults", func(t *testing.T) { conformance(t, blockstm.Config{}) })
}

func conformance(t *testing.T, c blockstm.Config) {
	schedtest.Run(conform.Testing(t), schedtest.Config{
		Open: func(t conform.T) framework.Scheduler {
			s, err := blockstm.New(c)
			if err != nil {
				t.Fatalf("New: %v", err)
			}
			return s
		},
	})
}
