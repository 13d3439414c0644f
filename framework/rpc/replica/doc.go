// Package replica is a copy of the versioned state of one block, kept beside a VM that runs in another process than
// the scheduler. It answers the reads of running attempts without asking the scheduler, and stops an attempt as soon
// as it learns that a value which the attempt has read has changed.
//
// A [Block] is fed with what the scheduler publishes: [Block.Publish] and [Block.Estimate], in the order in which the
// scheduler says them, and with values of the base as they become known. A running attempt reads through an
// [Attempt]: it gets what the highest transaction below it wrote, with additions folded in, or what the base holds.
// What is not known, and what is being computed again, it has to ask the scheduler for; [Attempt.Answer] takes the
// answer in.
//
// # What it promises
//
// The replica is a guess. The scheduler's memory is the authority: it looks at every value that an attempt has read
// before it believes the outcome, so a wrong guess costs an execution and never a wrong result. Hence the replica may
// forget what it likes, and take a write set for current that the scheduler has replaced a moment ago.
//
// Nor does a block keep keys: it knows them by hashes of 128 bits, so that a read waits for one cache line.
//
// Within one attempt it is consistent: a key that was read keeps its value. When a write set arrives, all attempts
// above it that have read one of its cells are looked at, and those that would now see another value are stopped;
// equal values disturb nobody. An estimate alone stops nobody: the value may come again.
//
// # Proposals
//
// [Block.Propose] publishes what a run has come to before the scheduler says so. An attempt knows whose proposals it has read.
//
// # Memory
//
// A block holds what was published last of each transaction that is not settled, and the values of the base that are
// known, up to a limit. [Block.Settle] says which transactions are final: what they wrote becomes base. When the block is
// over, [Block.Release] leaves its memory to blocks made later.
package replica
