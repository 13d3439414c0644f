// Package jsonrpc serves Starknet's JSON-RPC over HTTP: what wallets, SDKs and tools talk to.
//
// A [Server] is an [http.Handler] that knows the protocol (JSON-RPC 2.0, batches, parameters by name and by position) and the
// methods that [New] gives it. Whatever comes in is bounded before it is looked at, and bad input is told what is wrong
// with it.
package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/switchyard-dev/switchyard/host/chain"
	"github.com/switchyard-dev/switchyard/host/mempool"
)

// SpecVersion is the version of the specification that is served.
const SpecVersion = "0.10.2"

// Limits bound what comes in. The zero value of a field has the default of [DefaultLimits].
type Limits struct {
	// Body is the size of a request in bytes, and Batch how many calls it may hold.
	Body  int64
	Batch int
}

// DefaultLimits leave room for the largest class that can be declared.
func DefaultLimits() Limits { return Limits{Body: 16 << 20, Batch: 100} }

// Server answers requests. It is safe for concurrent use.
type Server struct {
	chain     *chain.Chain
	admission *mempool.Admission
	limits    Limits
	log       *slog.Logger
	methods   map[string]method
}

// New returns a server of all methods.
func New(c *chain.Chain, a *mempool.Admission, l Limits, log *slog.Logger) *Server {
	d := DefaultLimits()
	if l.Body == 0 {
		l.Body = d.Body
	}
	if l.Batch == 0 {
		l.Batch = d.Batch
	}
	s := &Server{chain: c, admission: a, limits: l, log: log}
	s.methods = s.table()
	return s
}

// method is one method: its parameters in the order in which they can be given, and what it does. It returns JSON.
type method struct {
	params []param
	call   func(ctx context.Context, a *arguments) ([]byte, error)
}

// param is a parameter.
type param struct {
	name     string
	optional bool
}

// request is one call.
type request struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  *string         `json:"method"`
	Params  json.RawMessage `json:"params"`
}

// response is what one call is answered with.
type response struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *Error          `json:"error,omitempty"`
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "JSON-RPC is spoken by POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.limits.Body))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		write(w, http.StatusRequestEntityTooLarge, failure(nil, invalidRequest("the request is longer than %d bytes", s.limits.Body)))
		return
	case err != nil:
		return // who asked has gone
	}
	s.answer(r.Context(), w, bytes.TrimSpace(body))
}

// answer answers a call or a batch of them.
func (s *Server) answer(ctx context.Context, w http.ResponseWriter, body []byte) {
	if len(body) == 0 || body[0] != '[' {
		if answer := s.one(ctx, body); answer != nil {
			write(w, http.StatusOK, answer)
		}
		return
	}
	var calls []json.RawMessage
	err := json.Unmarshal(body, &calls)
	switch {
	case err != nil:
		write(w, http.StatusOK, failure(nil, parseError(err)))
		return
	case len(calls) == 0:
		write(w, http.StatusOK, failure(nil, invalidRequest("the batch is empty")))
		return
	case len(calls) > s.limits.Batch:
		write(w, http.StatusOK, failure(nil, invalidRequest("the batch has %d calls, the limit is %d", len(calls), s.limits.Batch)))
		return
	}
	var answers []*response
	for _, c := range calls {
		if answer := s.one(ctx, c); answer != nil {
			answers = append(answers, answer)
		}
	}
	if answers != nil {
		write(w, http.StatusOK, answers)
	}
}

// write writes an answer.
func write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(answer) // who asked has gone
}

// failure is the answer to a call that failed.
func failure(id json.RawMessage, err *Error) *response {
	if id == nil {
		id = json.RawMessage("null")
	}
	return &response{Version: "2.0", ID: id, Error: err}
}

// one answers one call; with nil if nobody waits for an answer.
func (s *Server) one(ctx context.Context, text []byte) *response {
	var r request
	if !json.Valid(text) {
		return failure(nil, parseError(json.Unmarshal(text, new(any))))
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return failure(nil, invalidRequest("%v", err))
	}
	switch {
	case !validID(r.ID):
		return failure(nil, invalidRequest("id must be a string, a number or null"))
	case r.Version != "2.0":
		return failure(r.ID, invalidRequest(`jsonrpc must be "2.0"`))
	case r.Method == nil:
		return failure(r.ID, invalidRequest("method is missing"))
	}
	result, err := s.call(ctx, *r.Method, r.Params)
	switch {
	case r.ID == nil: // a notification
		return nil
	case err != nil:
		return failure(r.ID, s.toError(ctx, *r.Method, err))
	}
	return &response{Version: "2.0", ID: r.ID, Result: result}
}

// validID reports whether an id is one; there may be none.
func validID(id json.RawMessage) bool {
	return len(id) == 0 || id[0] != '{' && id[0] != '[' && id[0] != 't' && id[0] != 'f'
}

// call calls a method.
func (s *Server) call(ctx context.Context, name string, params json.RawMessage) ([]byte, error) {
	m, ok := s.methods[name]
	if !ok {
		return nil, &Error{Code: codeNoMethod, Message: "Method not found", Data: name}
	}
	a, err := m.arguments(params)
	if err != nil {
		return nil, err
	}
	return m.call(ctx, a)
}
