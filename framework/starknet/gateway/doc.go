// Package gateway parses and writes the JSON of Starknet's feeder gateway: the form in which recorded blocks
// of the public networks come.
//
// Parsing is strict. An unknown or missing field, a field that the version of a transaction does not have, a
// number that does not fit, and contradictions within a text (a receipt of another transaction, an address
// that does not follow from its parts) are errors; they wrap starknet.ErrJSON and say where. Hashes are not
// checked here. What old blocks did not have yet may be missing.
package gateway
