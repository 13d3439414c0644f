package optimistic_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/schedtest"
	"github.com/switchyard-dev/switchyard/framework/schedtest/optimistic"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	schedtest.Run(conform.Testing(t), schedtest.Config{
		Open: func(conform.T) framework.Scheduler { return optimistic.New(4) },
	})
}
