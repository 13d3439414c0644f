package crypto

import "errors"

// These errors can occur when a hasher is made.
var (
	// ErrWindow says that Config.PedersenWindow is out of range.
	ErrWindow = errors.New("crypto: window out of range")
	// ErrPath says that the processor has not what the path needs.
	ErrPath = errors.New("crypto: path not supported by this processor")
)

// These errors can occur in operations on curves.
var (
	// ErrNotOnCurve says that coordinates are not those of a point.
	ErrNotOnCurve = errors.New("crypto: point not on the curve")
	// ErrInfinity says that a sum is the point at infinity, which has no coordinates.
	ErrInfinity = errors.New("crypto: result is the point at infinity")
	// ErrCollision says that the ladder of EcOp met two points of the same x on its way.
	ErrCollision = errors.New("crypto: ladder met two points of the same x")
	// ErrStopped says that whoever waited for the result of EcOpUntil or VerifyUntil has lost interest.
	ErrStopped = errors.New("crypto: stopped")
	// ErrKey says that a private key is not in [1, order).
	ErrKey = errors.New("crypto: private key out of range")
	// ErrMessage says that a message to be signed is 2^251 or more.
	ErrMessage = errors.New("crypto: message out of range")
	// ErrSignature says that no public key belongs to a signature.
	ErrSignature = errors.New("crypto: signature out of range")
)
