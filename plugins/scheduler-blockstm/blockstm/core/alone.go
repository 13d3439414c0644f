package core

// alone decides when only the lowest transaction may run. If transactions begin only after all below them have executed,
// in their last attempt, which counts, then all slots together do no more than one does: the others only cost. So after some
// transactions of that kind there is one attempt at a time, for a while that doubles as long as nothing gets better.
type alone struct {
	on     bool
	final  int // transactions that became final since the last judgement
	inTurn int // of these, those that began when all below had executed
	spell  int // how long the last spell was to be; 0 if things got better
}

// Numbers of transactions.
const (
	trial     = 16 // after which it is judged whether slots are of use
	longSpell = 1024
)

// committed notes that a transaction has become final.
func (a *alone) committed(inTurn bool, slots int) {
	a.final++
	if inTurn {
		a.inTurn++
	}
	switch {
	case a.on && a.final < a.spell, !a.on && a.final < trial:
		return
	case a.on:
		a.on = false
	case slots > 1 && a.inTurn*16 >= a.final*15:
		a.on = true
		a.spell = min(max(2*a.spell, 2*trial), longSpell)
	default:
		a.spell = 0
	}
	a.final, a.inTurn = 0, 0
}
