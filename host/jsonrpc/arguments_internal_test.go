package jsonrpc

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/switchyard-dev/switchyard/framework/felt"
)

// FuzzArguments sorts and reads any parameters: what is wrong with them is an error of the caller.
func FuzzArguments(f *testing.F) {
	for _, seed := range []string{`{"a":"0x1","b":["X"],"c":3}`, `["0x1",[],7]`, `null`, `[null]`, `{"a":{"x":1}}`} {
		f.Add([]byte(seed))
	}
	m := &method{params: []param{{name: "a"}, {name: "b", optional: true}, {name: "c", optional: true}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := m.arguments(data)
		if err == nil {
			a.felt("a")
			a.flags("b", "X")
			a.index("c")
			var list []felt.Felt
			a.read("b", &list)
			err = a.err
		}
		var no *Error
		if err != nil && (!errors.As(err, &no) || no.Code != codeParams) {
			t.Errorf("%s: %v, want error %d", data, err, codeParams)
		}
	})
}

// FuzzRequest answers any request for methods that need no chain.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{`{"jsonrpc":"2.0","id":1,"method":"m"}`, `{"jsonrpc":"2.0","method":"m","params":[1]}`, `[]`, `7`} {
		f.Add([]byte(seed))
	}
	s := &Server{log: slog.New(slog.DiscardHandler)}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := s.one(t.Context(), data)
		if r != nil && (r.Version != "2.0" || r.ID == nil || r.Error == nil) {
			t.Errorf("%s is answered with %+v, want an error: there are no methods", data, r)
		}
	})
}
