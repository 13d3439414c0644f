package link

import (
	"errors"
	"fmt"

	"github.com/switchyard-dev/switchyard/framework"
)

// These errors concern opening a link.
var (
	// ErrRefused says that the two sides do not belong together: wrong token, user, or link version.
	ErrRefused = errors.New("link: refused")
	// ErrNotPrivate says that others than this user may reach the folder of a socket.
	ErrNotPrivate = errors.New("link: folder is not private")
)

// These errors concern what is sent.
var (
	// ErrProtocol says that the other side broke a rule of the link. The link is closed then.
	ErrProtocol = errors.New("link: protocol error")
	// ErrTooLarge says that a payload is longer than the other side accepts, or costs more credits than it gives.
	ErrTooLarge = errors.New("link: message too large")
)

// protocolf returns an error that says how the peer broke the protocol.
func protocolf(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrProtocol, fmt.Errorf(format, args...))
}

// gone returns the error of callers of a link that ended because of err.
func gone(err error) error {
	return fmt.Errorf("link: %w: %w", framework.ErrPluginGone, err)
}
