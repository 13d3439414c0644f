package conform

import (
	"fmt"
	"regexp"
	"strings"
)

// Match returns a T that runs those subtests only that a pattern names, as `go test -run` does below the name of
// the test: the pattern is split at slashes, and each part, a regular expression, must match somewhere in the name at
// its level. An empty pattern matches everything. What is left out counts as passed.
func Match(t T, pattern string) (T, error) {
	if pattern == "" {
		return t, nil
	}
	var levels []*regexp.Regexp
	for part := range strings.SplitSeq(pattern, "/") {
		r, err := regexp.Compile(part)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", part, err)
		}
		levels = append(levels, r)
	}
	return matching{t, levels}, nil
}

// matching is a T with patterns for the levels below it.
type matching struct {
	T
	levels []*regexp.Regexp
}

// Run implements [T].
func (m matching) Run(name string, f func(T)) bool {
	if len(m.levels) == 0 {
		return m.T.Run(name, f)
	}
	if !m.levels[0].MatchString(strings.ReplaceAll(name, " ", "_")) {
		return true
	}
	return m.T.Run(name, func(t T) { f(matching{t, m.levels[1:]}) })
}
