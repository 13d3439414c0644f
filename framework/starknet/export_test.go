package starknet

// Root64 is root64, to be tested with published roots.
var Root64 = root64
