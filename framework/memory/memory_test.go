package memory_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/memory"
	"github.com/switchyard-dev/switchyard/framework/storetest"
)

func TestConformance(t *testing.T) {
	for name, retain := range map[string]int{"all blocks": 0, "eight blocks": 8} {
		t.Run(name, func(t *testing.T) {
			open := func(t conform.T, _ string) framework.Store {
				s, err := memory.New(memory.Config{Retain: retain})
				if err != nil {
					t.Fatalf("New: %v", err)
				}
				return s
			}
			storetest.Run(conform.Testing(t), storetest.Subject{Open: open, Retain: retain})
		})
	}
}
