// Package web listens at addresses of a configuration and serves HTTP there.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Listeners are the addresses at which a part of the host serves. They are safe for concurrent use.
type Listeners struct {
	log *slog.Logger

	mu      sync.Mutex
	servers []*http.Server // guarded by mu
	serving sync.WaitGroup
}

// New returns listeners that listen nowhere yet.
func New(log *slog.Logger) *Listeners { return &Listeners{log: log} }

// readHeader is how long a client may take to say what it wants.
const readHeader = 10 * time.Second

// Listen serves at an address, unless it is empty, and returns it with the port that it came to. Without a host it is the
// loopback. key is where the configuration has the address.
func (l *Listeners) Listen(ctx context.Context, key, address string, h http.Handler) (string, error) {
	if address == "" {
		return "", nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	if host == "" {
		address = net.JoinHostPort("127.0.0.1", port)
	}
	on, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: readHeader, ErrorLog: slog.NewLogLogger(l.log.Handler(), slog.LevelDebug)}
	l.mu.Lock()
	l.servers = append(l.servers, s)
	l.mu.Unlock()
	l.serving.Go(func() {
		if err := s.Serve(on); !errors.Is(err, http.ErrServerClosed) {
			l.log.Error("listen", "key", key, "address", address, "error", err)
		}
	})
	return on.Addr().String(), nil
}

// Stop lets requests finish until ctx ends, and then cuts them. It may be called again.
func (l *Listeners) Stop(ctx context.Context) {
	l.mu.Lock()
	servers := l.servers
	l.servers = nil
	l.mu.Unlock()
	for _, s := range servers {
		if s.Shutdown(ctx) != nil {
			_ = s.Close()
		}
	}
	l.serving.Wait()
}
