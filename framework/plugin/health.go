package plugin

import "context"

// Healther is a scheduler, a VM or a store that knows how it is. One that is none is taken to be well as long as it
// answers. Health is called at any time, from any goroutine, and soon returns. Find it with [As].
type Healther interface {
	Health(ctx context.Context) Health
}

// Health is how a part is. The zero value is well.
type Health struct {
	Status HealthStatus
	// Reason says to people why the part is not well.
	Reason string
}

// HealthStatus orders how a part is from well to worse.
type HealthStatus uint8

// The statuses.
const (
	Serving  HealthStatus = iota // it works
	Degraded                     // it works, but its operator should look at the reason
	Failing                      // it does not work; the host may start it again
)

// String returns the status in lower case.
func (s HealthStatus) String() string {
	switch s {
	case Serving:
		return "serving"
	case Degraded:
		return "degraded"
	case Failing:
		return "failing"
	}
	return "unknown"
}

// As returns part as a T, looking through what stands in front of it: what a [Factory] opens is a guard, which has the
// methods of its kind only. Ask it for abilities that concern the host, such as [Healther], and not for those of package
// framework, whose calls would then not be guarded: a guard has just those abilities of package framework that the
// part has.
func As[T any](part any) (T, bool) {
	for {
		if t, ok := part.(T); ok {
			return t, true
		}
		u, ok := part.(interface{ Unwrap() any })
		if !ok {
			var none T
			return none, false
		}
		part = u.Unwrap()
	}
}
