package bench_test

import (
	"testing"

	"github.com/switchyard-dev/switchyard/host/bench"
)

func TestCrypto(t *testing.T) {
	rows, run, err := bench.Crypto(t.Context(), []int{3}, 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range rows {
		seen[r.Name+" "+r.Path] = true
		if r.NsPerOp <= 0 || r.Batch != 1 && r.Batch != 3 {
			t.Errorf("row %+v", r)
		}
	}
	for _, want := range []string{"pedersen single", "poseidon single", "pedersen portable", "poseidon portable", "ecdsa_verify single"} {
		if !seen[want] {
			t.Errorf("no row %q", want)
		}
	}
	for _, name := range []string{"gnark_pedersen_ns", "gnark_ecdsa_verify_ns", "gnark_mul_ns"} {
		if run[name] <= 0 {
			t.Errorf("%s = %v", name, run[name])
		}
	}
}
