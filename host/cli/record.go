package cli

import (
	"fmt"
	"os"
	"sync"

	"github.com/spf13/pflag"

	"github.com/switchyard-dev/switchyard/framework/trace"
	"github.com/switchyard-dev/switchyard/host"
	"github.com/switchyard-dev/switchyard/host/config"
)

// recording writes the traces of blocks to the file that --record names, if it names one.
type recording struct {
	path string
	file *os.File

	mu  sync.Mutex
	out *trace.Writer // guarded by mu
	err error         // the first; guarded by mu
}

// add declares the flag.
func (r *recording) add(f *pflag.FlagSet) {
	f.StringVar(&r.path, "record", "", "write what happened in every block to `TRACE`, for analyze")
}

// open makes the file.
func (r *recording) open() error {
	if r.path == "" {
		return nil
	}
	f, err := os.Create(r.path)
	if err != nil {
		return misuse(fmt.Errorf("--record: %w", err))
	}
	r.file, r.out = f, trace.NewWriter(f)
	return nil
}

// of returns what is to be called with the blocks of an assembly; nil if nothing is recorded.
func (r *recording) of(label string, part config.Part) func(*trace.Block) {
	if r.file == nil {
		return nil
	}
	return func(b *trace.Block) {
		b.Label, b.Scheduler, b.Placement = label, part.Use, part.Place
		r.write(b)
	}
}

// join has the blocks of a node recorded.
func (r *recording) join(cfg *config.Config, a *host.Assembly) { a.Record = r.of("", cfg.Scheduler) }

// write appends a block. After an error it does nothing.
func (r *recording) write(b *trace.Block) {
	if r.file == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = r.out.Write(b)
	}
}

// close closes the file and returns the first error.
func (r *recording) close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	if r.err != nil {
		err = r.err
	}
	if err != nil {
		return fmt.Errorf("--record: %w", err)
	}
	return nil
}
