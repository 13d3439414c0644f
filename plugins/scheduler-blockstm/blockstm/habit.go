package blockstm

// habit is what is expected to happen because it did lately. The zero value expects it.
type habit struct{ score int8 }

const (
	maxHabit = 8
	setback  = 4 // how many times it has to happen to make up for one time that it did not
)

// is reports whether it is expected to happen.
func (h *habit) is() bool { return h.score >= 0 }

// note notes whether it has happened.
func (h *habit) note(happened bool) {
	if happened {
		h.score = min(h.score+1, maxHabit)
	} else {
		h.score = max(h.score-setback, -maxHabit)
	}
}
