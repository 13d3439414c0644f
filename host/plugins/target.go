// Package plugins looks at plugins as a person does who has a name, a program or a socket: it finds out what that is,
// who it says that it is, and how it is configured.
package plugins

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/switchyard-dev/switchyard/framework/plugin"
	"github.com/switchyard-dev/switchyard/framework/rpc"
)

// Find returns the plugin of a catalog that a person means: by kind and id, such as "scheduler.serial", or by its id
// alone if only one has it.
func Find(catalog plugin.Catalog, name string) (plugin.Factory, error) {
	var found []plugin.Factory
	var ids, full []string
	for _, f := range catalog {
		if name == f.Info.String() {
			return f, nil
		}
		if name == f.Info.ID {
			found = append(found, f)
		}
		ids, full = append(ids, f.Info.ID), append(full, f.Info.String())
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return plugin.Factory{}, fmt.Errorf("which %s? There is %v and %v", name, found[0].Info, found[1].Info)
	}
	for _, names := range [][]string{ids, full} {
		if s := plugin.Suggest(name, names); s != "" {
			return plugin.Factory{}, fmt.Errorf("no plugin %q, did you mean %q?", name, s)
		}
	}
	slices.Sort(full)
	return plugin.Factory{}, fmt.Errorf("no plugin %q, there is %s", name, strings.Join(full, ", "))
}

// Target is what a person names: a plugin of this program, somebody's program, or a socket at which one listens.
type Target struct {
	// Name is what the person wrote.
	Name string
	// Factory is the plugin of this program, if it is one.
	Factory *plugin.Factory
	// Path is the program or the socket otherwise.
	Path   string
	socket bool
}

// Resolve finds out what a name means. A file is named by a path with a slash, or by its name if it is there and no plugin
// is called so.
func Resolve(catalog plugin.Catalog, name string) (*Target, error) {
	path := strings.TrimPrefix(name, "unix:")
	if path == name && !strings.Contains(name, "/") {
		f, err := Find(catalog, name)
		if err == nil {
			return &Target{Name: name, Factory: &f}, nil
		}
		if info, statErr := os.Stat(name); statErr != nil || info.IsDir() {
			return nil, fmt.Errorf("%w (a program or a socket is named by a path, such as ./%s)", err, name)
		}
		path = "./" + name
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no file %s", path)
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSocket != 0:
		return &Target{Name: name, Path: path, socket: true}, nil
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder: name the program in it", path)
	case info.Mode()&0o111 == 0:
		return nil, fmt.Errorf("%s is not executable: chmod +x %s", path, path)
	}
	return &Target{Name: name, Path: path}, nil
}

// Running is the process of a target.
type Running struct {
	*rpc.Process
	dir string
}

// Start starts the target, or connects to it. A plugin of this program is started in a process too: as this program,
// which then serves that plugin. timeout is for the start of a process. What a process logs goes to log.
func (t *Target) Start(ctx context.Context, timeout time.Duration, log *slog.Logger) (*Running, error) {
	if t.socket {
		p, err := rpc.Dial(ctx, t.Path)
		return &Running{Process: p}, err
	}
	dir, err := os.MkdirTemp("", "sy")
	if err != nil {
		return nil, err
	}
	c := rpc.Command{Name: t.Name, Path: t.Path, RunDir: dir, StartTimeout: timeout, Logger: log}
	if t.Factory != nil {
		if c.Path, err = os.Executable(); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
		c.Args = []string{"plugins", "serve", t.Factory.Info.String()}
	}
	p, err := rpc.Launch(ctx, c)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &Running{p, dir}, nil
}

// Stop ends the process, or the connection, and removes what was made for it.
func (r *Running) Stop(ctx context.Context) error {
	err := r.Process.Stop(ctx)
	if r.dir != "" {
		err = errors.Join(err, os.RemoveAll(r.dir))
	}
	return err
}
