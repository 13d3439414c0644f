package synthetic_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/workload/synthetic"
)

var equateEmpty = cmpopts.EquateEmpty()

// everything is a program with every operation and every field in use.
func everything() *synthetic.Program {
	full := framework.Word{math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64}
	return &synthetic.Program{
		Cost:   math.MaxInt64,
		Before: []synthetic.Step{synthetic.Nonce(synthetic.NonceOf(full), math.MaxUint64)},
		Steps: []synthetic.Step{
			synthetic.Read(framework.Key{}), synthetic.Read(cell(1)).At(15), synthetic.Mix().At(15),
			synthetic.Read(synthetic.Storage(full, full)).Among(math.MaxUint32).At(20),
			synthetic.Write(cell(2), full).When(math.MaxUint32, 7).At(20),
			synthetic.Set(framework.Word{0, 1}).At(20), synthetic.Transfer(cell(3), cell(4), word(256)).At(30),
			synthetic.Declare(word(9), []byte("body")).At(30), synthetic.Deploy(word(8), word(9)).At(30),
			synthetic.Call(word(8)).At(60), synthetic.Equal(cell(5), cell(6)).At(70),
			synthetic.Fail(synthetic.Fault).When(3, 1).At(70),
		},
		After: []synthetic.Step{synthetic.Add(cell(7), cell(8), framework.Word{0, 0, 0, 1}).At(100)},
	}
}

func TestDecode(t *testing.T) {
	for name, p := range map[string]*synthetic.Program{
		"Empty": {}, "Cost": {Cost: time.Microsecond}, "Everything": everything(),
	} {
		t.Run(name, func(t *testing.T) {
			if err := p.Validate(); err != nil {
				t.Fatalf("Validate: %v", err)
			}
			got, err := synthetic.Decode(p.Encode())
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			if d := cmp.Diff(p, got); d != "" {
				t.Errorf("Decode(Encode(p)) (-want +got):\n%s", d)
			}
		})
	}
}

func TestDecode_NamesThePlace(t *testing.T) {
	whole := everything().Encode()
	for n := range whole {
		if _, err := synthetic.Decode(whole[:n]); err == nil {
			t.Errorf("Decode of the first %d of %d bytes succeeds", n, len(whole))
		}
	}
	for name, tt := range map[string]struct {
		body []byte
		want string
	}{
		"Empty":         {nil, "synthetic: program at byte 0: ends too early"},
		"Trailing":      {[]byte{0, 0, 0, 0, 1}, "synthetic: program at byte 4: bytes after the end"},
		"TooManySteps":  {[]byte{0, 0, 255, 255, 255, 127, 0, 0}, "synthetic: program at byte 2: number out of range"},
		"LongNumber":    {[]byte{0x80, 0, 0, 0, 0}, "synthetic: program at byte 5: not the shortest form"},
		"UnknownOp":     {[]byte{0, 0, 1, 0, 99, 0}, "synthetic: step 0 at byte 6: unknown operation 99"},
		"LongWord":      {[]byte{0, 0, 1, 0, 1, 8, 2, 1, 0}, "synthetic: step 0 at byte 9: not the shortest form"},
		"TooLongWord":   {[]byte{0, 0, 1, 0, 1, 8, 33}, "synthetic: step 0 at byte 7: number out of range"},
		"SamePosition":  {[]byte{0, 0, 1, 0, 3, 1, 0}, "synthetic: step 0 at byte 7: not the shortest form"},
		"LowerPosition": {[]byte{0, 0, 2, 0, 3, 1, 9, 3, 1, 8}, "synthetic: step 1 at byte 10: mix: position 8 below that of the step before, 9"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := synthetic.Decode(tt.body)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Decode(%v) = %v, want %v", tt.body, err, tt.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0})
	f.Add(everything().Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := synthetic.Decode(b)
		if err != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Errorf("Decode returns an invalid program: %v", err)
		}
		if got := p.Encode(); !bytes.Equal(got, b) {
			t.Errorf("Encode(Decode(b)) = %x, want %x", got, b)
		}
	})
}
