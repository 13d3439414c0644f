// Package crypto has the hashes and curves of Starknet: Pedersen, Poseidon, Starknet's Keccak and
// Blake2s, the Stark curve with its ECDSA, and the two secp256 curves that contracts may use.
//
// Everything takes and returns felts of package felt, which are canonical. Inside, the two
// algebraic hashes and the curve work in Montgomery form, on the field of gnark-crypto or, in batches,
// on that of package lanes; no other package of this module knows that form.
//
// # Single and batched
//
// Pedersen and Poseidon come for one input and for many. Many at once are several times cheaper
// each, because additions of points share an inversion and because eight multiplications run side
// by side where the processor has AVX-512 IFMA. So collect what can be hashed together: a level of
// a trie, the leaves of a block. A batch of one is allowed and costs what a single hash costs.
//
// # Paths
//
// A [Hasher] has one of two ways to do a batch, its [Path]: Vector needs AVX-512 IFMA, Portable
// runs everywhere. [New] chooses; a test or a benchmark forces one. Both give the same results.
//
// Package functions such as [Pedersen] use one hasher with default tables, made at the first call.
//
// # Not for secrets
//
// Only [Sign] handles a secret, and like all else here it does not run in constant time. It
// serves tests and development accounts.
package crypto
