package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/wire"
)

func TestRoundTrip(t *testing.T) {
	var largest felt.Felt
	largest.SetInt64(-1)
	felts := []felt.Felt{{}, {1}, {255}, {256}, {0, 1}, largest}
	data := wire.AppendFelts(nil, felts)
	data = wire.AppendUint(data, 1<<64-1)
	data = wire.AppendUint128(data, 7, 8)
	data = wire.AppendBool(data, true)
	data = wire.AppendText(data, "a\xffé")
	data = wire.AppendBytes(data, []byte{1, 2})
	data = wire.AppendList(data, []uint64{3, 4}, func(dst []byte, v *uint64) []byte { return wire.AppendUint(dst, *v) })

	r := wire.NewReader(data, "sample")
	if diff := cmp.Diff(felts, r.Felts()); diff != "" {
		t.Errorf("Felts (-want +got):\n%s", diff)
	}
	if v := r.Uint(); v != 1<<64-1 {
		t.Errorf("Uint = %d", v)
	}
	if hi, lo := r.Uint128(); hi != 7 || lo != 8 {
		t.Errorf("Uint128 = %d, %d", hi, lo)
	}
	if !r.Bool() {
		t.Error("Bool = false")
	}
	if s := r.Text(); s != "a\ufffdé" {
		t.Errorf("Text = %q", s)
	}
	if b := r.Bytes(); !bytes.Equal(b, []byte{1, 2}) {
		t.Errorf("Bytes = %v", b)
	}
	list := wire.List(r, 1, func(r *wire.Reader, v *uint64) { *v = r.Uint() })
	if diff := cmp.Diff([]uint64{3, 4}, list); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
	if err := r.Finish(); err != nil {
		t.Error(err)
	}
}

func TestRefuses(t *testing.T) {
	prime := felt.Modulus().Bytes()
	for name, c := range map[string]struct {
		data []byte
		read func(*wire.Reader)
	}{
		"trailing bytes":       {[]byte{0, 0}, func(r *wire.Reader) { r.Uint() }},
		"padded integer":       {[]byte{0x81, 0}, func(r *wire.Reader) { r.Uint() }},
		"integer of 65 bits":   {bytes.Repeat([]byte{0xff}, 10), func(r *wire.Reader) { r.Uint() }},
		"no integer":           {nil, func(r *wire.Reader) { r.Uint() }},
		"long list":            {[]byte{3, 0, 0}, func(r *wire.Reader) { r.Felts() }},
		"long list of pairs":   {[]byte{2, 0, 0, 0}, func(r *wire.Reader) { wire.List(r, 2, func(*wire.Reader, *int) {}) }},
		"huge list":            {[]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, func(r *wire.Reader) { r.Bytes() }},
		"padded felt":          {[]byte{2, 0, 1}, func(r *wire.Reader) { r.Felt() }},
		"felt of 33 bytes":     {append([]byte{33, 1}, make([]byte, 32)...), func(r *wire.Reader) { r.Felt() }},
		"the prime":            {append([]byte{32}, prime...), func(r *wire.Reader) { r.Felt() }},
		"short felt":           {[]byte{2, 1}, func(r *wire.Reader) { r.Felt() }},
		"129 bits":             {append([]byte{17, 1}, make([]byte, 16)...), func(r *wire.Reader) { r.Uint128() }},
		"boolean":              {[]byte{2}, func(r *wire.Reader) { r.Bool() }},
		"text that is no text": {[]byte{1, 0xff}, func(r *wire.Reader) { r.Text() }},
		"version":              {[]byte{2}, func(r *wire.Reader) { r.Version(1) }},
	} {
		r := wire.NewReader(c.data, "sample")
		c.read(r)
		if err := r.Finish(); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
}
