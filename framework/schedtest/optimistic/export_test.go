package optimistic

// Bugs are the mistakes that a scheduler can be made to make, by name.
var Bugs = map[string]bugs{
	"readsFinalOnly":   readsFinalOnly,
	"neverValidates":   neverValidates,
	"comparesHalves":   comparesHalves,
	"seesItself":       seesItself,
	"readsAgain":       readsAgain | lateAborts, // an attempt that is aborted at once reads nothing again
	"keepsOldKeys":     keepsOldKeys,
	"missesRemovals":   missesRemovals,
	"neverRefolds":     neverRefolds,
	"forgetsAdds":      forgetsAdds,
	"neverOverflows":   neverOverflows,
	"declaresEarly":    declaresEarly,
	"keepsFailed":      keepsFailed,
	"believesFaults":   believesFaults,
	"sharesOutcome":    sharesOutcome,
	"keepsOutcome":     keepsOutcome,
	"sleepsOnArrival":  sleepsOnArrival,
	"lateAborts":       lateAborts,
	"publishesLate":    publishesLate,
	"resumesAnywhere":  resumesAnywhere,
	"retriesEarly":     retriesEarly,
	"remembersDropped": remembersDropped,
}

// NewWrong returns a scheduler with two workers that makes the mistake of that name, or none if it is empty.
func NewWrong(bug string) *Scheduler { return &Scheduler{workers: 2, bugs: Bugs[bug]} }
