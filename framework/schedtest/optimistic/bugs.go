package optimistic

// bugs is a set of deliberate mistakes: the tests make them to prove that the suite notices. It is empty in every
// scheduler that New returns.
type bugs uint32

const (
	readsFinalOnly   bugs = 1 << iota // reads skip the results that are not final yet
	neverValidates                    // a result holds whatever changes below it
	comparesHalves                    // a read is compared by its lower half
	seesItself                        // an attempt reads what the one before it wrote
	readsAgain                        // a key that was read before is looked up again
	keepsOldKeys                      // cells that an earlier attempt wrote stay
	missesRemovals                    // who has read a cell that is no longer written is not told
	neverRefolds                      // additions are folded once
	forgetsAdds                       // additions are not folded
	neverOverflows                    // a sum that does not fit is not noticed
	declaresEarly                     // a class is visible to all as soon as an attempt declares it
	keepsFailed                       // what a failed attempt left in its outcome counts
	believesFaults                    // a fault is final at once
	sharesOutcome                     // a worker has one outcome for all attempts
	keepsOutcome                      // the outcome of the attempt before is not reset
	sleepsOnArrival                   // nobody is woken when a transaction arrives
	lateAborts                        // a running attempt is not told that it is invalid
	publishesLate                     // a result is published when it is final only
	resumesAnywhere                   // an attempt is resumed whether its reads hold or not
	retriesEarly                      // additions are given up for good when they seem not to fit
	remembersDropped                  // transactions that are left out are not forgotten
)

func (b bugs) has(x bugs) bool { return b&x != 0 }
