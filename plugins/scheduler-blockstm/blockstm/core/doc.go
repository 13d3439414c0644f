// Package core decides how the transactions of a block are executed in parallel so that the result equals serial
// execution. It is one state machine: events go in, actions come out. It has no goroutines, no clock and no chance,
// so the same events give the same actions; who calls it (a driver with goroutines, a simulator with a clock of its
// own, a test that tries every order of events) makes the calls one at a time.
//
// # The life of a transaction
//
//	            Next                Finish                 Commit
//	pending ───────────▶ running ───────────▶ executed ───────────▶ final
//	   ▲                 │  ▲  │                  │
//	   │            Read │  │  │ Finish,          │ a lower transaction
//	   │                 ▼  │  │ if invalid       │ changed what it read
//	   │              parked│  │                  │
//	   └────────────────────┴──┴──────────────────┘
//
// [Core.Add] appends transactions; they are pending. [Core.Next] says what a free slot should do: run the lowest
// pending transaction, or go on with a parked one. While an attempt runs, [Core.Read] answers its reads from the
// multi-version memory; [Core.Finish] hands in what it wrote. [Core.Commit] makes the lowest transaction final when it is
// executed. [Core.End] and [Core.Cancel] stop the block early.
//
// # The memory
//
// A [Key] stands for a cell. A cell holds the value that is final so far, and above it an entry for each
// transaction that wrote it and is not final: a value; an estimate, which says that the transaction will probably
// write the cell but has not; or an addition, which is folded when somebody looks. A read by transaction r is
// answered by the highest entry strictly below r. If that is an estimate, the attempt parks until its writer has
// executed.
//
// # Why the result is right
//
// Each cell knows its readers: transaction, incarnation and number of the read. When a transaction has executed, it
// puts its values into the cells; whoever above it has read another value than it would read now is invalid, and
// only those. An invalid attempt is stopped if it runs, and its transaction becomes pending again. These hold after
// every event:
//
//   - I1. For a reader r and a writer w < r of one cell: either r is registered when w writes, and is then
//     compared, or r reads what w wrote.
//   - I2. An invalidation names an incarnation. A registration of an earlier incarnation means nothing.
//   - I3. An attempt that was invalid before it ended does not become executed.
//   - I4. Such an attempt leaves estimates, never values.
//   - I5. A transaction is executed only if its reads are what it would read now, except through estimates. So the
//     lowest executed transaction, which has no estimate below it, is final: commit needs no validation.
//   - I6. Whoever waits, waits for a lower transaction, and the lowest has nobody to wait for: the block ends.
//   - I7. The lowest that has not executed is stopped if it is invalid, since it may loop on a state that cannot be. Nobody but
//     the window waits for Commit, so a driver may put that off.
//
// # What runs first
//
// The lowest transaction of a window above the last final one, for it holds up all others. With hints, one that will
// probably read an estimate is deferred: it begins only if nothing else is left, to have done what comes before
// that read. Whether that is worth its trouble, only who has a clock can say: see [Core.Lazy]. And where slots only cause
// attempts, the lowest transaction runs alone: see alone.go.
//
// An estimate can come from four sides: from a hint; from an attempt that was invalid, of what it wrote; from a result that was
// taken back; and from a read, of a cell that those who read it usually write: see rewrite.go. In the last case there may be
// somebody above who has read the cell already. He is stopped at once, for what he does is probably in vain.
//
// # The paper's way
//
// With [Policy].Push off, the paper's way is taken instead: reads are looked through again by a cursor that
// sweeps over the executed transactions, see validate.go.
package core
