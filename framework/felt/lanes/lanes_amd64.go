//go:build !purego

package lanes

import "golang.org/x/sys/cpu"

var fast = cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512IFMA

// Fast reports whether the functions run in assembly on this processor.
func Fast() bool { return fast }

// The functions in assembly take the first of n blocks. Go looks after lengths.

//go:noescape
func mulBlocks(dst, a, b *Block, n int)

//go:noescape
func subBlocks(dst, a, b *Block, n int)

//go:noescape
func addBlocks(dst *Block, k *Limbs, n int)

//go:noescape
func mixBlocks(a, b, c *Block, k *[3]Limbs, n int)

//go:noescape
func partialBlocks(a, w, y *Block, k *Limbs, n int)

//go:noescape
func gatherBlock(b *Block, src *[Width]*[4]uint64)
