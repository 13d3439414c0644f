package blockstm

import (
	"sync"

	"github.com/switchyard-dev/switchyard/plugins/scheduler-blockstm/blockstm/core"
)

// maxRules is the number of rules that are remembered: transactions can make up any number of them.
const maxRules = 1 << 14

// rules knows how often the VM's reasons for predictions were right. It is safe for concurrent use.
type rules struct {
	mu     sync.RWMutex
	byName map[uint64]*core.Rule // guarded by mu
}

func newRules() *rules { return &rules{byName: map[uint64]*core.Rule{}} }

// rule returns the rule of that name; 0 is certainty, which has none.
func (r *rules) rule(name uint64) *core.Rule {
	if name == 0 {
		return nil
	}
	r.mu.RLock()
	rule := r.byName[name]
	r.mu.RUnlock()
	if rule != nil {
		return rule
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if rule = r.byName[name]; rule != nil {
		return rule
	}
	if len(r.byName) >= maxRules {
		clear(r.byName)
	}
	rule = new(core.Rule)
	r.byName[name] = rule
	return rule
}
