//go:build !linux

package supervisor

import (
	"errors"

	"github.com/switchyard-dev/switchyard/host/config"
)

// limit refuses limits that only Linux can set from outside.
func limit(_ int, l config.Limits) error {
	if l.Memory > 0 || l.Files > 0 {
		return errors.New("memory and files can be limited on Linux only")
	}
	return nil
}
