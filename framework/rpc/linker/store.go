package linker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/framework/rpc/storelink"
)

// stopping is how long an instance has to stop.
const stopping = 30 * time.Second

// Store links the host with a store in another process and returns it. Closing it stops the instance.
func Store(ctx context.Context, instance *rpc.Instance) (framework.Store, error) {
	carriers, _ := (*Linker)(nil).Carriers()
	offer, err := instance.Listen(ctx, "host-"+instance.Name(), rpc.Peer{Carriers: carriers})
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	t := link.Ticket{Carrier: link.Carrier(offer.Carrier), Path: offer.Address}
	if copy(t.Token[:], offer.Token) != len(t.Token) {
		return nil, fmt.Errorf("a token of %d bytes", len(offer.Token))
	}
	conn, err := link.Dial(ctx, t, link.Options{MaxFrame: maxFrame})
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	s := &store{Store: storelink.New(conn)}
	s.close = sync.OnceValue(func() error {
		err := s.Store.Close()
		ctx, cancel := context.WithTimeout(context.Background(), stopping)
		defer cancel()
		return errors.Join(err, conn.Close(), instance.Close(ctx))
	})
	return s, nil
}

// store is a store that is closed with its link and its instance.
type store struct {
	*storelink.Store
	close func() error
}

// Close implements [framework.Store].
func (s *store) Close() error { return s.close() }
