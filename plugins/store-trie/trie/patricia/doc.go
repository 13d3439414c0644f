// Package patricia has Starknet's Merkle-Patricia tries of 251-bit keys, kept in pages.
//
// # Shape
//
// A trie holds values that are not zero under keys below 2^251, whose bits are read from the highest. Of the nodes that
// the protocol defines, only two kinds are kept: a branch has two children, a leaf has a value. The edge above a
// node belongs to the node: its bottom is the hash below the edge (the hash of a branch, the value of a leaf), its top
// the hash above it, which is what the parent hashes. Where there is no edge the two are one.
//
// # Pages
//
// A branch at depth d is stored in the page of its first d rounded down to a multiple of 6 bits, with all other branches
// of that prefix less than 6 levels below. A page holds what its branches know of their children: kind, path, bottom
// and top. So changing a value reads one page in 6 levels and no sibling, and a sibling that an edge grows or shrinks
// above is not read either: its bottom is known. The page of the empty prefix begins with the root. Pages are stored
// by trie and path, never by hash, so equal subtrees never share one and nothing has to be counted.
//
// # Changing
//
// [Trie.Apply] merges sorted updates into the trie from the top down, reading the pages on the way. No hash is computed
// then: what is out of date is marked. A [Hasher] collects the marks of any number of tries and computes them level by
// level, each level as one batch. [Trie.Write] hands out the pages that changed.
package patricia

import "errors"

// Height is the length of keys in bits.
const Height = 251

// levels is how many levels of branches a page has.
const levels = 6

// ErrDamaged says that a stored page is none.
var ErrDamaged = errors.New("patricia: damaged page")
