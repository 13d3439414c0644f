// Package ahead fetches the state that transactions will probably read before they are executed, for a scheduler whose
// base state is in another process: a round trip for the cells of many transactions, instead of one for each cell.
//
// [New] wraps a scheduler. Of a job whose base state can prefetch and whose VM is a [framework.Predictor] it asks for the
// predicted cells of transactions as the feed hands them out, and hands the values on to a VM that is a
// [framework.Publisher], which then need not ask the scheduler for them either. Guesses never change an outcome; a
// wrong one costs some bytes. Any other job it leaves alone.
//
// A scheduler that predicts itself is given the guesses that were made already. For one that does not, the VM is told
// what transactions have read, so that its guesses become better.
package ahead
