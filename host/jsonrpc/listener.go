package jsonrpc

import (
	"context"
	"log/slog"
	"net/http"
	"sync"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/host/config"
	"github.com/switchyard-dev/switchyard/host/web"
)

// Listener serves a [Server] at the address of a configuration. It is safe for concurrent use.
type Listener struct {
	cfg    config.RPC
	server *Server
	admit  func(casm []byte) (felt.Felt, error)
	web    *web.Listeners

	mu      sync.Mutex
	address string // guarded by mu
}

// NewListener returns a listener that serves nothing before Start. admit takes the compiled code of a class that will be
// declared, and returns its hash.
func NewListener(cfg config.RPC, s *Server, admit func(casm []byte) (felt.Felt, error), log *slog.Logger) *Listener {
	return &Listener{cfg: cfg, server: s, admit: admit, web: web.New(log)}
}

// Start listens.
func (l *Listener) Start(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.Handle("/rpc", l.server)
	mux.HandleFunc("GET /is_alive", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Alive!!!")) })
	if l.cfg.Admin {
		mux.HandleFunc("POST /admin/l1-message", l.server.l1Message)
		mux.HandleFunc("POST /admin/casm", l.casm)
	}
	at, err := l.web.Listen(ctx, "rpc.listen", l.cfg.Listen, mux)
	l.mu.Lock()
	l.address = at
	l.mu.Unlock()
	return err
}

// Address returns where it listens, "" if it does not.
func (l *Listener) Address() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.address
}

// Stop lets requests finish until ctx ends, and then cuts them. It may be called again.
func (l *Listener) Stop(ctx context.Context) error {
	l.web.Stop(ctx)
	return nil
}
