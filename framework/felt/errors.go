package felt

import "errors"

// These errors can occur when a felt is decoded. They come wrapped with the input; find them
// with errors.Is.
var (
	// ErrNotCanonical says that a number is P or more.
	ErrNotCanonical = errors.New("felt: number not below the prime")
	// ErrLength says that a binary encoding isn't 32 bytes, or that a short string is longer than 31.
	ErrLength = errors.New("felt: wrong length")
	// ErrSyntax says that a text is not a number of the expected form.
	ErrSyntax = errors.New("felt: bad syntax")
)
