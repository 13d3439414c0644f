// Package conformance runs the conformance suites on a plugin in another process, in whatever language it is written:
// an instance for every test, opened over the control plane, and called over links.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
	"github.com/switchyard-dev/switchyard/framework/rpc/link"
	"github.com/switchyard-dev/switchyard/host/plugins"
)

// Options say what is tested, and how hard. The zero value is valid.
type Options struct {
	// Run is a pattern of the tests to run, as of conform.Match; empty means all.
	Run string
	// Config is the plugin's section. In its texts {dir} stands for a new folder for each store.
	Config map[string]any
	// Seed selects the random tests.
	Seed uint64
	// Deadline is how long one run of a scheduler, or call of a VM, may take, and one test of a store. 0 means the default
	// of the suite, and a minute for a store.
	Deadline time.Duration
	// Blocks is the number of random blocks for a scheduler. 0 means the default of the suite.
	Blocks int
	// Store says what the suite of stores needs to know.
	Store StoreOptions
	// VM says what the suite of VMs executes; see [Cases].
	VM *Cases
}

// session is one test of one plugin over one carrier.
type session struct {
	Options
	start   Starter
	process *plugins.Running // restarted if a test has ended it
	info    plugin.Info
	carrier link.Carrier
	dir     string // for sockets of this side
	last    atomic.Int64
}

// Starter starts the process of a plugin, or connects to it.
type Starter func(context.Context) (*plugins.Running, error)

// Carriers returns those of a plugin that can be tested, or those that are asked for.
func Carriers(info rpc.Info, asked []string) ([]string, error) {
	known := []string{string(link.Frames), string(link.GRPCStream)}
	if len(info.Carriers) == 0 {
		return nil, errors.New("it makes no links (its carriers are empty), so nothing can be asked of it")
	}
	for _, c := range asked {
		if !slices.Contains(known, c) {
			return nil, fmt.Errorf("no carrier %q, there is %s", c, strings.Join(known, ", "))
		}
		if !slices.Contains(info.Carriers, c) {
			return nil, fmt.Errorf("it has no carrier %q, only %s", c, strings.Join(info.Carriers, ", "))
		}
	}
	if len(asked) > 0 {
		return asked, nil
	}
	both := slices.DeleteFunc(known, func(c string) bool { return !slices.Contains(info.Carriers, c) })
	if len(both) == 0 {
		return nil, fmt.Errorf("its carriers are %s, this program knows %s", strings.Join(info.Carriers, ", "), strings.Join(known, ", "))
	}
	return both, nil
}

// Run runs the suite on a plugin, over one carrier, in a process that it starts; a test that ends the process fails, and
// the next gets a new one. done, if not nil, is called as each test ends. An error says that nothing could be tested.
func Run(ctx context.Context, start Starter, info plugin.Info, carrier string, o Options, done func(conform.Result)) (
	report *conform.Report, err error,
) {
	suite, ok := map[plugin.Kind]func(*session, conform.T){
		plugin.Scheduler: (*session).scheduler, plugin.VM: (*session).vm, plugin.Store: (*session).store,
	}[info.Kind]
	if !ok {
		return nil, fmt.Errorf("there is no suite for a %s", info.Kind)
	}
	s := &session{Options: o, start: start, info: info, carrier: link.Carrier(carrier)}
	if s.process, err = start(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.process.Stop(context.WithoutCancel(ctx))) }()
	if s.dir, err = os.MkdirTemp("", "sy"); err != nil {
		return nil, err
	}
	defer os.RemoveAll(s.dir)
	if err := s.try(ctx); err != nil {
		return nil, err
	}
	var bad error
	report = conform.Check(ctx, string(info.Kind), func(t conform.T) {
		var m conform.T
		if m, bad = conform.Match(t, o.Run); bad == nil {
			suite(s, m)
		}
	}, done)
	return report, bad
}

// try opens an instance and closes it again: what is wrong with its configuration would else fail every test.
func (s *session) try(ctx context.Context) error {
	dir, err := os.MkdirTemp(s.dir, "try")
	if err != nil {
		return err
	}
	i, err := s.instance(ctx, dir)
	if err != nil {
		return err
	}
	return i.Close(ctx)
}

// name returns a name that nothing of the session has.
func (s *session) name() string { return fmt.Sprint("test-", s.last.Add(1)) }

// instance opens an instance whose files are in dir.
func (s *session) instance(ctx context.Context, dir string) (*rpc.Instance, error) {
	if s.process.Err() != nil {
		_ = s.process.Stop(ctx) // the test that ended it has failed
		p, err := s.start(ctx)
		if err != nil {
			return nil, err
		}
		s.process = p
	}
	section, _ := inFolder(s.Config, dir).(map[string]any)
	return s.process.Open(ctx, s.info.Kind, s.info.ID, s.name(), section)
}

// stopping is how long an instance has to stop.
const stopping = 30 * time.Second

// tooLong is how long a test may take in which the suite itself sets no limit.
const tooLong = time.Minute

// watch ends the process, and what is open of an instance, if a test goes on for too long. It returns what calls it off.
func (s *session) watch(t conform.T, open []func() error) (stop func()) {
	p, limit := s.process, s.Deadline
	if limit == 0 {
		limit = tooLong
	}
	fired := make(chan struct{})
	timer := time.AfterFunc(limit, func() {
		defer close(fired)
		t.Errorf("still running after %v: the process was killed", limit)
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.Stop(ended) // at once; its error says that it had to be killed
		for _, end := range open {
			_ = end() // again in the end
		}
	})
	return func() {
		if !timer.Stop() {
			<-fired
		}
	}
}

// endWith ends an instance, and before it what is open of it, with the test.
func (s *session) endWith(t conform.T, i *rpc.Instance, open ...func() error) {
	stop := func() {}
	if s.info.Kind == plugin.Store { // the other suites have deadlines
		stop = s.watch(t, open)
	}
	t.Cleanup(func() {
		stop()
		ctx, cancel := context.WithTimeout(context.Background(), stopping)
		defer cancel()
		var errs []error
		for _, end := range open {
			errs = append(errs, end())
		}
		if err := errors.Join(append(errs, i.Close(ctx))...); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}

// placeholder stands for a folder in the texts of a section.
const placeholder = "{dir}"

// inFolder returns a value of a section with a folder in place of its placeholders.
func inFolder(value any, dir string) any {
	switch v := value.(type) {
	case string:
		return strings.ReplaceAll(v, placeholder, dir)
	case map[string]any:
		section := make(map[string]any, len(v))
		for k, e := range v {
			section[k] = inFolder(e, dir)
		}
		return section
	}
	return value
}

// hasPlaceholder reports whether a value of a section mentions the folder.
func hasPlaceholder(value any) bool {
	switch v := value.(type) {
	case string:
		return strings.Contains(v, placeholder)
	case map[string]any:
		for _, e := range v {
			if hasPlaceholder(e) {
				return true
			}
		}
	}
	return false
}

// dial links this side with an instance.
func (s *session) dial(ctx context.Context, i *rpc.Instance, handler link.Handler) (*link.Conn, error) {
	offer, err := i.Listen(ctx, "host-"+i.Name(), rpc.Peer{Carriers: []string{string(s.carrier)}})
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	ticket := link.Ticket{Carrier: link.Carrier(offer.Carrier), Path: offer.Address}
	switch {
	case ticket.Carrier != s.carrier:
		return nil, fmt.Errorf("it listens with the carrier %q, which is not the one that it was offered: %q", offer.Carrier, s.carrier)
	case copy(ticket.Token[:], offer.Token) != len(ticket.Token):
		return nil, fmt.Errorf("listen: a token of %d bytes, want %d", len(offer.Token), len(ticket.Token))
	}
	conn, err := link.Dial(ctx, ticket, link.Options{Handler: handler})
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	return conn, nil
}

// attach gives an instance a link to a part of this side, which handler serves.
func (s *session) attach(ctx context.Context, i *rpc.Instance, name string, kind plugin.Kind, handler link.Handler) (*link.Conn, error) {
	path := filepath.Join(s.dir, strconv.FormatInt(s.last.Add(1), 36))
	l, err := link.Listen(path, s.carrier, link.Options{Handler: handler})
	if err != nil {
		return nil, err
	}
	type accepted struct {
		conn *link.Conn
		err  error
	}
	came := make(chan accepted, 1)
	waiting, stop := context.WithCancel(ctx)
	go func() {
		conn, err := l.Accept(waiting)
		came <- accepted{conn, err}
	}()
	t := l.Ticket()
	err = i.Attach(ctx, name, rpc.Peer{Kind: kind, Instance: name, Carriers: []string{string(s.carrier)}},
		rpc.Offer{Carrier: string(t.Carrier), Address: t.Path, Token: t.Token[:]})
	if err != nil {
		stop()
	}
	a := <-came
	stop()
	if err := errors.Join(err, a.err, l.Close()); err != nil {
		if a.conn != nil {
			err = errors.Join(err, a.conn.Close())
		}
		return nil, fmt.Errorf("link of the %s to the %s: %w", i.Info().Kind, kind, err)
	}
	return a.conn, nil
}

// errRefused says that a part of this side does not do that.
var errRefused = fmt.Errorf("the suite serves states only: %w", framework.ErrUnsupported)
