package synthetic_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

func TestExecute(t *testing.T) {
	tests := map[string]struct {
		program synthetic.Program
		mode    framework.Mode
		cells   map[framework.Key]framework.Word
		status  framework.Status
		reason  synthetic.Reason
		writes  []framework.Write
		adds    []framework.Add
	}{
		"Nothing": {},
		"Counter": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Read(cell(1)), synthetic.Write(cell(1), word(1)),
			}},
			cells:  map[framework.Key]framework.Word{cell(1): word(41)},
			writes: []framework.Write{{Key: cell(1), Value: word(42)}},
		},
		"WritesAreSorted": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Write(cell(3), word(3)), synthetic.Write(cell(1), word(1)),
				synthetic.Write(cell(2), word(2)), synthetic.Write(cell(3), word(4)),
			}},
			writes: []framework.Write{
				{Key: cell(1), Value: word(1)}, {Key: cell(2), Value: word(2)}, {Key: cell(3), Value: word(4)},
			},
		},
		"DerivedKeys": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Read(cell(1)), synthetic.Read(cell(10)).Among(5), synthetic.Write(cell(20), word(0)).Among(4),
			}},
			cells:  map[framework.Key]framework.Word{cell(1): word(7), cell(12): word(3)},
			writes: []framework.Write{{Key: cell(23), Value: word(3)}},
		},
		"SeesItsOwnWrites": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Set(word(5)), synthetic.Write(cell(1), word(0)),
				synthetic.Set(word(0)), synthetic.Read(cell(1)), synthetic.Write(cell(2), word(1)),
			}},
			writes: []framework.Write{{Key: cell(1), Value: word(5)}, {Key: cell(2), Value: word(6)}},
		},
		"Condition": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Read(cell(1)),
				synthetic.Write(cell(2), word(0)).When(2, 0), synthetic.Write(cell(3), word(0)).When(2, 1),
			}},
			cells:  map[framework.Key]framework.Word{cell(1): {0, 0, 0, 3}},
			writes: []framework.Write{{Key: cell(3), Value: framework.Word{0, 0, 0, 3}}},
		},
		"Transfer": {
			program: synthetic.Program{Steps: []synthetic.Step{synthetic.Transfer(cell(2), cell(1), word(10))}},
			cells:   map[framework.Key]framework.Word{cell(1): word(1), cell(2): word(10)},
			writes:  []framework.Write{{Key: cell(1), Value: word(11)}, {Key: cell(2)}},
		},
		"TransferToItself": {
			program: synthetic.Program{Steps: []synthetic.Step{synthetic.Transfer(cell(2), cell(2), word(10))}},
			cells:   map[framework.Key]framework.Word{cell(2): word(10)},
		},
		"RevertKeepsNonceAndFee": {
			program: synthetic.Program{
				Before: []synthetic.Step{synthetic.Nonce(cell(1), 4)},
				Steps: []synthetic.Step{
					synthetic.Write(cell(2), word(1)), synthetic.Write(cell(1), word(1)),
					synthetic.Transfer(cell(5), cell(6), word(100)),
				},
				After: []synthetic.Step{synthetic.Transfer(cell(5), cell(7), word(3))},
			},
			cells:  map[framework.Key]framework.Word{cell(1): word(4), cell(5): word(99)},
			status: framework.Reverted, reason: synthetic.LowBalance,
			writes: []framework.Write{
				{Key: cell(1), Value: word(5)}, {Key: cell(5), Value: word(96)}, {Key: cell(7), Value: word(3)},
			},
		},
		"WrongNonce": {
			program: synthetic.Program{Before: []synthetic.Step{synthetic.Nonce(cell(1), 4)}},
			status:  framework.Rejected, reason: synthetic.WrongNonce,
		},
		"FeeNotPaid": {
			program: synthetic.Program{
				Steps: []synthetic.Step{synthetic.Write(cell(2), word(1))},
				After: []synthetic.Step{synthetic.Transfer(cell(5), cell(7), word(3))},
			},
			status: framework.Rejected, reason: synthetic.LowBalance,
		},
		"Reject": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Write(cell(2), word(1)), synthetic.Fail(synthetic.Reject),
			}},
			status: framework.Rejected, reason: synthetic.RejectedStep,
		},
		"Add": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Add(cell(1), cell(2), word(3)), synthetic.Add(cell(1), cell(2), word(4)),
			}},
			adds: []framework.Add{{Low: cell(1), High: cell(2), Amount: word(7)}},
		},
		"AddExactly": {
			program: synthetic.Program{Steps: []synthetic.Step{synthetic.Add(cell(1), cell(2), word(3))}},
			mode:    framework.Exact,
			cells:   map[framework.Key]framework.Word{cell(1): {^uint64(0), ^uint64(0)}},
			writes:  []framework.Write{{Key: cell(1), Value: word(2)}, {Key: cell(2), Value: word(1)}},
		},
		"AddOverflowReverts": {
			program: synthetic.Program{Steps: []synthetic.Step{synthetic.Add(cell(1), cell(2), word(1))}},
			mode:    framework.Exact,
			cells: map[framework.Key]framework.Word{
				cell(1): {^uint64(0), ^uint64(0)}, cell(2): {^uint64(0), ^uint64(0)},
			},
			status: framework.Reverted, reason: synthetic.Overflow,
		},
		"AddThenRead": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Add(cell(1), cell(2), word(3)), synthetic.Read(cell(1)), synthetic.Write(cell(3), word(0)),
			}},
			cells: map[framework.Key]framework.Word{cell(1): word(1)},
			writes: []framework.Write{
				{Key: cell(1), Value: word(4)}, {Key: cell(2)}, {Key: cell(3), Value: word(4)},
			},
		},
		"AddThenWrite": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Add(cell(1), cell(2), word(3)), synthetic.Write(cell(1), word(9)),
			}},
			cells:  map[framework.Key]framework.Word{cell(1): word(1), cell(2): word(2)},
			writes: []framework.Write{{Key: cell(1), Value: word(9)}, {Key: cell(2), Value: word(2)}},
		},
		"AddThenOverlappingAdd": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Add(cell(1), cell(2), word(3)), synthetic.Add(cell(2), cell(3), word(4)),
			}},
			cells: map[framework.Key]framework.Word{cell(1): word(1), cell(2): word(2)},
			writes: []framework.Write{
				{Key: cell(1), Value: word(4)}, {Key: cell(2), Value: word(6)}, {Key: cell(3)},
			},
		},
		"ReadThenAdd": {
			program: synthetic.Program{Steps: []synthetic.Step{
				synthetic.Read(cell(1)), synthetic.Add(cell(1), cell(2), word(3)),
			}},
			cells:  map[framework.Key]framework.Word{cell(1): word(1)},
			writes: []framework.Write{{Key: cell(1), Value: word(4)}, {Key: cell(2)}},
		},
		"ValidateRunsOnlyBefore": {
			program: synthetic.Program{
				Before: []synthetic.Step{synthetic.Nonce(cell(1), 0)},
				Steps:  []synthetic.Step{synthetic.Write(cell(2), word(1))},
				After:  []synthetic.Step{synthetic.Write(cell(3), word(1))},
			},
			mode:   framework.Validate,
			writes: []framework.Write{{Key: cell(1), Value: word(1)}},
		},
		"CallRunsOnlySteps": {
			program: synthetic.Program{
				Before: []synthetic.Step{synthetic.Nonce(cell(1), 9)},
				Steps:  []synthetic.Step{synthetic.Write(cell(2), word(1))},
				After:  []synthetic.Step{synthetic.Write(cell(3), word(1))},
			},
			mode:   framework.Call,
			writes: []framework.Write{{Key: cell(2), Value: word(1)}},
		},
		"SkipFeeLeavesAfterOut": {
			program: synthetic.Program{After: []synthetic.Step{synthetic.Write(cell(3), word(1))}},
			mode:    framework.SkipFee,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newState()
			for k, v := range tt.cells {
				s.cells[k] = v
			}
			out := run(t, &tt.program, s, tt.mode)
			if r := receipt(t, out); out.Status != tt.status || r.Status != tt.status || r.Reason != tt.reason {
				t.Errorf("Execute: %v, receipt %v (%v), want %v (%v)", out.Status, r.Status, r.Reason, tt.status, tt.reason)
			}
			if d := cmp.Diff(tt.writes, out.Writes, equateEmpty); d != "" {
				t.Errorf("Writes (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.adds, out.Adds, equateEmpty); d != "" {
				t.Errorf("Adds (-want +got):\n%s", d)
			}
		})
	}
}
