package framework

// Combine returns an executor that executes like e and has exactly the abilities that are not nil. It is for those
// who wrap an executor: abilities are found by assertion, so a wrapper must have those of what it wraps, no more
// and no fewer.
func Combine(e Executor, r Rewinder, p Predictor, u Publisher) Executor {
	switch {
	case r != nil && p != nil && u != nil:
		return struct {
			Executor
			Rewinder
			Predictor
			Publisher
		}{e, r, p, u}
	case r != nil && p != nil:
		return struct {
			Executor
			Rewinder
			Predictor
		}{e, r, p}
	case r != nil && u != nil:
		return struct {
			Executor
			Rewinder
			Publisher
		}{e, r, u}
	case p != nil && u != nil:
		return struct {
			Executor
			Predictor
			Publisher
		}{e, p, u}
	case r != nil:
		return struct {
			Executor
			Rewinder
		}{e, r}
	case p != nil:
		return struct {
			Executor
			Predictor
		}{e, p}
	case u != nil:
		return struct {
			Executor
			Publisher
		}{e, u}
	}
	return struct{ Executor }{e}
}
