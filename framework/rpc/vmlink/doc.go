// Package vmlink is a VM on the other side of a link: [Handler] serves a VM, [Client] is that VM for the scheduler
// that dialed. Two plugins in one process never use it.
//
// # Why the result is the same
//
// A call of Execute becomes a run at the VM. The run reads from a replica of the block (package replica), which may be
// wrong; what it does not know, it asks for. Each read comes back with the value that the run saw. The scheduler's side
// then makes the same calls of the real view, in the same order and with the same keys, and compares: if all answers
// are equal, the run was an execution with just these answers, as if it had taken place while the calls were made.
// A VM is a function of what its view says, so the outcome is the one that it would have come to in this process, and
// the scheduler has every read on record, in order, before it sees the outcome.
//
// If an answer differs, the run is stale. It is stopped, its outcome dropped, and another run is made, which is told
// the answers that the view has given (the pins) and sees those; if the VM can rewind, it goes on from the read that
// was wrong. Each run confirms at least one more read, and after three of them the next asks for everything, so an
// attempt always ends. The scheduler knows nothing of it: its view was asked what any execution would have asked, and
// nothing else. In particular no view is asked ahead: reading a key that the VM does not read would record a
// read that is none, in an order that is not the VM's. What the base holds can be published ahead (as no transaction): that
// asks no view, and goes the same way as write sets.
//
// Errors are outcomes like any other: that of a stale run counts for nothing. An error that the view returned
// comes back as the very error, also if the VM has wrapped it.
//
// # Invalid attempts
//
// The replica keeps the readers of running attempts and stops a run when it learns that a value has changed. The
// scheduler's side then finds the same, or that nothing has changed after all, and runs the attempt again. The
// scheduler itself says that an attempt is invalid only by its view, which has to be asked: the views of all runs are
// asked every millisecond, and a run that has been silent for 10 ms is asked what it has read, so that the reads of a
// long run are on record while it runs and a run that went astray on values that are out of date is found.
//
// A read that meets an estimate waits at the VM until the value is published, without a worker. It asks all the same:
// only the scheduler knows whether the attempt is to wait, and what it then sees.
//
// Classes are found by content, so one that the process of the VM has seen is used again at once. Whether the view
// shows it is a call like a read, compared like one.
//
// # Proposals
//
// What a run comes to is proposed to the replica as soon as it ends. Those that run next read it, and those under way that
// have read something else are stopped and begin again, without the way to the scheduler's side and back: as if all were in one
// process. It is one more guess, that the scheduler will publish this; if an attempt of the transaction is ordered once more,
// it has not, and the proposal is an estimate until that has ended. A result says whose proposals its run has read. The
// scheduler's side hands it on when those have been handed on and published, so that the view shows what the run has seen;
// after a millisecond it does so in any case.
//
// # Frames
//
// Both sides send one-way frames of messages, and the scheduler's side calls; see wire.go for what they carry.
// Whatever is ready goes into one frame, up to 64 KiB and 8 orders. What crosses wakes a thread, which costs more than what
// is in it. So while runs are short, more of them have been ordered than workers, and none waits, a result is sent with the
// next ones (see pool), at the latest when a run that has been silent is asked for its reads; and orders wait for those whose
// results came in the same frame. Write sets that
// were published go in front of the next order or answer, or within a millisecond, at once if a run waits. Messages
// above 32 KiB travel alone, in pieces between which others pass.
//
//	to the VM     publish, estimate   what was published of a block, in order; as no transaction, what the base holds
//	              forget, learn       as the abilities say
//	              run                 version, transaction, pins, and where to go on from
//	              values, class,      the answer to a question; values say whether what nobody has written, as far as
//	              refuse              was published, is the base
//	              stop, probe         the run is not wanted any more; the run shall tell what it has read
//	from the VM   miss, class         reads so far, and a question
//	              after               the runs whose proposals were read
//	              progress            reads so far
//	              result              reads so far, and the outcome or an error
//
// A run takes a credit, of which the VM has said how many there are, until it first asks for something or ends: so
// runs that wait for a transaction never keep that transaction out. Without credits the lowest transaction goes first;
// so it does at the VM, where [Config.Workers] run at once.
//
// To the VM a run is an attempt: runs of a transaction are numbered from 0 without gaps, so a VM may see more attempts
// than the scheduler has made.
//
// # When the VM dies
//
// What is under way waits until [Client.Relink] has opened the blocks at the other end of a new link and published again
// what was published, and then begins again there, told what its view has answered so far. The scheduler notices
// nothing. It does not wait longer than the client is patient, or until [Client.Lose]: then it returns
// framework.ErrPluginGone.
//
// An attempt during which the VM has died is suspect. Suspects are run before all others and one at a time, so that the
// next death shows who it was; an attempt that waits for another transaction counts as one that does not run. After the third
// death, the last one alone, an attempt ends with a fault that has the last words of the VM in it.
package vmlink
