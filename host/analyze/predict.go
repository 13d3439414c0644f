package analyze

import (
	"context"
	"fmt"
	"slices"

	"github.com/switchyard-dev/switchyard/framework/trace"
)

// Scaled is what a simulation predicts for a policy and a number of workers, the access sets being those of the trace.
type Scaled struct {
	Policy  string  `json:"policy"`
	Workers int     `json:"workers"`
	WallUs  float64 `json:"wall_us"`
	Speedup float64 `json:"speedup"` // over the work
	Waste   float64 `json:"waste"`
	Exec    float64 `json:"exec_per_tx"`
}

// predict fills in how the block would scale.
func (s *study) predict(ctx context.Context, r *Report) error {
	if s.Simulator == nil || len(s.works) == 0 {
		return nil
	}
	work := r.Bounds.WorkUs
	for _, policy := range s.Simulator.Policies() {
		for _, workers := range s.Workers {
			p, err := s.simulate(ctx, s.works, policy, workers)
			if err != nil {
				return err
			}
			r.Scaling = append(r.Scaling, Scaled{
				Policy: policy, Workers: workers, WallUs: micros(p.Makespan), Speedup: ratio(work, micros(p.Makespan)),
				Waste: ratio(micros(p.Busy), work), Exec: float64(p.Attempts) / float64(len(s.works)),
			})
		}
	}
	return nil
}

// bestPolicy returns the one that uses all abilities.
func (s *study) bestPolicy() string {
	p := s.Simulator.Policies()
	return p[len(p)-1]
}

// simulate asks the simulator.
func (s *study) simulate(ctx context.Context, works []trace.Work, policy string, workers int) (trace.Prediction, error) {
	p, err := s.Simulator.Simulate(ctx, works, trace.Scenario{
		Policy: policy, Workers: workers, Hinted: s.Hinted, Rewinds: true, Overhead: s.overhead(),
	})
	if err != nil {
		return p, fmt.Errorf("simulate policy %s with %d workers: %w", policy, workers, err)
	}
	return p, nil
}

// DefaultWorkers are the numbers of workers that predictions are made for.
func DefaultWorkers() []int { return slices.Clone([]int{1, 2, 4, 8, 16, 32, 64, 128}) }
