// Package class has the three forms of contract classes, with their hashes, JSON and binary encodings:
//
//   - [Cairo0], a compiled program with its names and hints, as declared by the first two versions of declare;
//   - [Sierra], the intermediate code that later versions declare and that the class hash is of;
//   - [Casm], the code that Sierra compiles to, which runs, and which has two hashes of its own.
//
// [Compiled] is a Sierra class with its code. All are plain data. Nothing here changes its arguments; hashing
// and encoding may be done by many goroutines at once. Decoded and parsed classes share no memory with the
// input.
//
// # JSON
//
// The parsers read what compilers write, which is also what feeder gateways serve. They are strict: unknown,
// missing and repeated fields, other types and numbers that do not fit are errors that wrap starknet.ErrJSON
// and say where. Debug information is dropped.
//
// The hash of a Cairo 0 class is over a JSON text as Python writes it: keys sorted, characters escaped,
// spaces after colons and commas. The parts of such a class that only tools read are kept in that form, so
// the order of keys in a file does not matter, and hashing needs no other library's idea of JSON;
// [Cairo0.Names] parses them. In an ABI of a Sierra class, on the other hand, each byte counts: it is a string
// and stays as it is.
package class
