package codec_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc/codec"
)

// sent returns err as it arrives.
func sent(t *testing.T, err error) error {
	t.Helper()
	d := codec.NewDecoder(codec.AppendError(nil, err))
	got := d.RemoteError()
	if e := d.End(); e != nil {
		t.Fatalf("decode(encode(%v)): %v", err, e)
	}
	return got
}

func TestKnownErrors(t *testing.T) {
	known := append(framework.Sentinels(), io.EOF, context.Canceled, context.DeadlineExceeded)
	for _, err := range known {
		t.Run(err.Error(), func(t *testing.T) {
			if got := sent(t, err); got != err {
				t.Errorf("bare error arrives as %#v, not as itself", got)
			}
			once := fmt.Errorf("execute tx 17.2: %w", err)
			shapes := map[string]error{
				"once":   once,
				"twice":  fmt.Errorf("block 3: %w", once),
				"joined": errors.Join(errors.New("other"), err),
				"fault":  &framework.Fault{Plugin: "vm.cairo", Block: 1, Version: framework.Version{Tx: 2}, Err: once},
				"again":  sent(t, once),
				"outer":  fmt.Errorf("outer: %w", sent(t, once)),
			}
			for name, shape := range shapes {
				got := sent(t, shape)
				if got.Error() != shape.Error() {
					t.Errorf("%s: text = %q, want %q", name, got, shape)
				}
				for _, other := range known {
					if is := errors.Is(got, other); is != (other == err) {
						t.Errorf("%s: errors.Is(%q, %q) = %v", name, got, other, is)
					}
				}
			}
		})
	}
}

func TestFaultKeepsItsFields(t *testing.T) {
	cause := errors.New("pc 0:41: unknown hint")
	want := &framework.Fault{Plugin: "vm.cairo", Block: 12, Version: framework.Version{Tx: 17, Inc: 2}, Err: cause}
	for _, err := range []error{want, fmt.Errorf("run: %w", want), errors.Join(io.EOF, want)} {
		got := sent(t, err)
		if got.Error() != err.Error() {
			t.Errorf("text = %q, want %q", got, err)
		}
		var f *framework.Fault
		if !errors.As(got, &f) {
			t.Fatalf("no fault in %q", got)
		}
		if f.Err.Error() != cause.Error() {
			t.Errorf("cause = %q, want %q", f.Err, cause)
		}
		if diff := cmp.Diff(want, f, cmpopts.IgnoreFields(framework.Fault{}, "Err")); diff != "" {
			t.Errorf("fault (-want +got):\n%s", diff)
		}
	}
	if _, ok := sent(t, want).(*framework.Fault); !ok { //nolint:errorlint // the fault itself is wanted, not one inside
		t.Error("a fault itself does not arrive as one")
	}
}

func TestDeepFaultsArriveAsText(t *testing.T) {
	err := fmt.Errorf("bottom: %w", framework.ErrNoClass)
	for range 100 {
		err = &framework.Fault{Plugin: "p", Version: framework.Version{Tx: framework.NoTx}, Err: err}
	}
	got := sent(t, err)
	if got.Error() != err.Error() {
		t.Errorf("text of %d bytes, want %d", len(got.Error()), len(err.Error()))
	}
	if !errors.Is(got, framework.ErrNoClass) {
		t.Error("the sentinel at the bottom is lost")
	}
}

func TestUnknownCodesAreKept(t *testing.T) {
	b := codec.AppendBytes(codec.AppendString([]byte{1}, "from a later version"), []byte{4, 200})
	d := codec.NewDecoder(b)
	err := d.RemoteError()
	if e := d.End(); e != nil {
		t.Fatal(e)
	}
	if !errors.Is(err, framework.ErrNoBlock) {
		t.Errorf("%v is not ErrNoBlock", err)
	}
	if diff := cmp.Diff(b, codec.AppendError(nil, err)); diff != "" {
		t.Errorf("passed on with a difference (-want +got):\n%s", diff)
	}
}

func TestErrorsPassedOnAreUnchanged(t *testing.T) {
	for name, err := range failures() {
		b := codec.AppendError(nil, err)
		if diff := cmp.Diff(b, codec.AppendError(nil, sent(t, err))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
