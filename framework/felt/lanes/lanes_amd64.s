//go:build !purego

#include "textflag.h"

// A block is 320 bytes: limb i of its eight numbers is the 64 bytes from 64*i on.
//
// Z31 = 2^52-1 everywhere. The limbs of P that are neither 0 nor 1 are Z30 = 17<<36 and Z29 = 1<<43.

#define LOAD(p, r0, r1, r2, r3, r4) \
	VMOVDQU64 0(p), r0   \
	VMOVDQU64 64(p), r1  \
	VMOVDQU64 128(p), r2 \
	VMOVDQU64 192(p), r3 \
	VMOVDQU64 256(p), r4

#define STORE(p, r0, r1, r2, r3, r4) \
	VMOVDQU64 r0, 0(p)   \
	VMOVDQU64 r1, 64(p)  \
	VMOVDQU64 r2, 128(p) \
	VMOVDQU64 r3, 192(p) \
	VMOVDQU64 r4, 256(p)

#define CONST(value, r) \
	MOVQ         $value, AX \
	VPBROADCASTQ AX, r

// CARRY moves what of limb a is above 52 bits, with its sign, into limb b. It uses Z7.
#define CARRY(a, b) \
	VPSRAQ $52, a, Z7   \
	VPANDQ Z31, a, a    \
	VPADDQ Z7, b, b

#define CARRIES(r0, r1, r2, r3, r4) \
	CARRY(r0, r1) \
	CARRY(r1, r2) \
	CARRY(r2, r3) \
	CARRY(r3, r4)

// FOLD takes (r4>>43) - 1 times P away and makes the number tight. Z28 = 1. It uses Z5, Z6 and Z7.
#define FOLD(r0, r1, r2, r3, r4) \
	VPSRAQ $43, r4, Z5 \
	VPSUBQ Z28, Z5, Z5 \
	VPSLLQ $43, Z5, Z6 \
	VPSUBQ Z6, r4, r4  \
	VPSLLQ $40, Z5, Z6 \
	VPSUBQ Z6, r3, r3  \
	VPSLLQ $36, Z5, Z6 \
	VPSUBQ Z6, r3, r3  \
	VPSUBQ Z5, r0, r0  \
	CARRIES(r0, r1, r2, r3, r4)

// ROUND adds limb off of b, times the number in Z0 to Z4, and then the multiple of P that clears t0;
// the sum without t0 is t1 to t5. Z27 = 0.
#define ROUND(off, t0, t1, t2, t3, t4, t5) \
	VMOVDQU64   off(DX), Z5 \
	VPXORQ      t5, t5, t5  \
	VPMADD52LUQ Z5, Z0, t0  \
	VPMADD52LUQ Z5, Z1, t1  \
	VPMADD52LUQ Z5, Z2, t2  \
	VPMADD52LUQ Z5, Z3, t3  \
	VPMADD52LUQ Z5, Z4, t4  \
	VPSUBQ      t0, Z27, Z6 \
	VPANDQ      Z31, Z6, Z6 \
	VPMADD52HUQ Z5, Z0, t1  \
	VPMADD52HUQ Z5, Z1, t2  \
	VPMADD52HUQ Z5, Z2, t3  \
	VPMADD52HUQ Z5, Z3, t4  \
	VPMADD52HUQ Z5, Z4, t5  \
	VPADDQ      Z6, t0, Z7  \
	VPSRLQ      $52, Z7, Z7 \
	VPADDQ      Z7, t1, t1  \
	VPMADD52LUQ Z30, Z6, t3 \
	VPMADD52HUQ Z30, Z6, t4 \
	VPMADD52LUQ Z29, Z6, t4 \
	VPMADD52HUQ Z29, Z6, t5

// func mulBlocks(dst, a, b *Block, n int)
TEXT ·mulBlocks(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ n+24(FP), CX
	CONST(0xfffffffffffff, Z31)
	CONST(0x11000000000, Z30)
	CONST(0x80000000000, Z29)
	VPXORQ Z27, Z27, Z27

mul:
	LOAD(SI, Z0, Z1, Z2, Z3, Z4)
	VPXORQ Z8, Z8, Z8
	VPXORQ Z9, Z9, Z9
	VPXORQ Z10, Z10, Z10
	VPXORQ Z11, Z11, Z11
	VPXORQ Z12, Z12, Z12
	ROUND(0, Z8, Z9, Z10, Z11, Z12, Z13)
	ROUND(64, Z9, Z10, Z11, Z12, Z13, Z8)
	ROUND(128, Z10, Z11, Z12, Z13, Z8, Z9)
	ROUND(192, Z11, Z12, Z13, Z8, Z9, Z10)
	ROUND(256, Z12, Z13, Z8, Z9, Z10, Z11)
	CARRIES(Z13, Z8, Z9, Z10, Z11)
	STORE(DI, Z13, Z8, Z9, Z10, Z11)
	ADDQ $320, DI
	ADDQ $320, SI
	ADDQ $320, DX
	DECQ CX
	JNZ  mul
	VZEROUPPER
	RET

// func subBlocks(dst, a, b *Block, n int)
TEXT ·subBlocks(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ n+24(FP), CX
	CONST(0xfffffffffffff, Z31)
	CONST(0x451000000000, Z30)  // 65 * 17<<36
	CONST(0x2080000000000, Z29) // 65 << 43
	CONST(1, Z28)
	CONST(65, Z27)

sub:
	LOAD(SI, Z0, Z1, Z2, Z3, Z4)
	VPSUBQ 0(DX), Z0, Z0
	VPSUBQ 64(DX), Z1, Z1
	VPSUBQ 128(DX), Z2, Z2
	VPSUBQ 192(DX), Z3, Z3
	VPSUBQ 256(DX), Z4, Z4
	VPADDQ Z27, Z0, Z0
	VPADDQ Z30, Z3, Z3
	VPADDQ Z29, Z4, Z4
	FOLD(Z0, Z1, Z2, Z3, Z4)
	STORE(DI, Z0, Z1, Z2, Z3, Z4)
	ADDQ $320, DI
	ADDQ $320, SI
	ADDQ $320, DX
	DECQ CX
	JNZ  sub
	VZEROUPPER
	RET

// func addBlocks(dst *Block, k *Limbs, n int)
TEXT ·addBlocks(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ k+8(FP), R8
	MOVQ n+16(FP), CX
	CONST(0xfffffffffffff, Z31)

add:
	LOAD(DI, Z0, Z1, Z2, Z3, Z4)
	VPADDQ.BCST 0(R8), Z0, Z0
	VPADDQ.BCST 8(R8), Z1, Z1
	VPADDQ.BCST 16(R8), Z2, Z2
	VPADDQ.BCST 24(R8), Z3, Z3
	VPADDQ.BCST 32(R8), Z4, Z4
	CARRIES(Z0, Z1, Z2, Z3, Z4)
	STORE(DI, Z0, Z1, Z2, Z3, Z4)
	ADDQ $320, DI
	DECQ CX
	JNZ  add
	VZEROUPPER
	RET

// MIXLIMB does limb i of Mix with t in Z26.
#define MIXLIMB(i, a, b, c) \
	VPADDQ      a, b, Z26         \
	VPADDQ      c, Z26, Z26       \
	VPADDQ      a, a, a           \
	VPADDQ      b, b, b           \
	VPADDQ      c, c, Z25         \
	VPADDQ      c, Z25, c         \
	VPADDQ      a, Z26, a         \
	VPSUBQ      b, Z26, b         \
	VPSUBQ      c, Z26, c         \
	VPADDQ.BCST (8*i)(R8), a, a   \
	VPADDQ.BCST (8*i+40)(R8), b, b \
	VPADDQ.BCST (8*i+80)(R8), c, c

// func mixBlocks(a, b, c *Block, k *[3]Limbs, n int)
TEXT ·mixBlocks(SB), NOSPLIT, $0-40
	MOVQ a+0(FP), DI
	MOVQ b+8(FP), SI
	MOVQ c+16(FP), DX
	MOVQ k+24(FP), R8
	MOVQ n+32(FP), CX
	CONST(0xfffffffffffff, Z31)

mix:
	LOAD(DI, Z0, Z1, Z2, Z3, Z4)
	LOAD(SI, Z8, Z9, Z10, Z11, Z12)
	LOAD(DX, Z13, Z14, Z15, Z16, Z17)
	MIXLIMB(0, Z0, Z8, Z13)
	MIXLIMB(1, Z1, Z9, Z14)
	MIXLIMB(2, Z2, Z10, Z15)
	MIXLIMB(3, Z3, Z11, Z16)
	MIXLIMB(4, Z4, Z12, Z17)
	CARRIES(Z0, Z1, Z2, Z3, Z4)
	CARRIES(Z8, Z9, Z10, Z11, Z12)
	CARRIES(Z13, Z14, Z15, Z16, Z17)
	STORE(DI, Z0, Z1, Z2, Z3, Z4)
	STORE(SI, Z8, Z9, Z10, Z11, Z12)
	STORE(DX, Z13, Z14, Z15, Z16, Z17)
	ADDQ $320, DI
	ADDQ $320, SI
	ADDQ $320, DX
	DECQ CX
	JNZ  mix
	VZEROUPPER
	RET

// PARTLIMB sets e, which is a, to 2a + y and y to w - 2y + k.
#define PARTLIMB(i, e, w, y) \
	VPADDQ      e, e, e         \
	VPADDQ      y, e, e         \
	VPADDQ      y, y, y         \
	VPSUBQ      y, w, y         \
	VPADDQ.BCST (8*i)(R8), y, y

// func partialBlocks(a, w, y *Block, k *Limbs, n int)
TEXT ·partialBlocks(SB), NOSPLIT, $0-40
	MOVQ a+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ y+16(FP), DX
	MOVQ k+24(FP), R8
	MOVQ n+32(FP), CX
	CONST(0xfffffffffffff, Z31)
	CONST(1, Z28)

part:
	LOAD(DI, Z0, Z1, Z2, Z3, Z4)
	LOAD(SI, Z8, Z9, Z10, Z11, Z12)
	LOAD(DX, Z13, Z14, Z15, Z16, Z17)
	PARTLIMB(0, Z0, Z8, Z13)
	PARTLIMB(1, Z1, Z9, Z14)
	PARTLIMB(2, Z2, Z10, Z15)
	PARTLIMB(3, Z3, Z11, Z16)
	PARTLIMB(4, Z4, Z12, Z17)
	CARRIES(Z13, Z14, Z15, Z16, Z17)
	STORE(DX, Z13, Z14, Z15, Z16, Z17)
	FOLD(Z0, Z1, Z2, Z3, Z4)
	VPADDQ Z0, Z8, Z8
	VPADDQ Z1, Z9, Z9
	VPADDQ Z2, Z10, Z10
	VPADDQ Z3, Z11, Z11
	VPADDQ Z4, Z12, Z12
	STORE(DI, Z8, Z9, Z10, Z11, Z12)
	VPADDQ Z0, Z0, Z0
	VPADDQ Z1, Z1, Z1
	VPADDQ Z2, Z2, Z2
	VPADDQ Z3, Z3, Z3
	VPADDQ Z4, Z4, Z4
	STORE(SI, Z0, Z1, Z2, Z3, Z4)
	ADDQ $320, DI
	ADDQ $320, SI
	ADDQ $320, DX
	DECQ CX
	JNZ  part
	VZEROUPPER
	RET

// PAIR loads the numbers at i and i+2 of the pointers into the halves of z, whose low half is y.
#define PAIR(i, y, z) \
	MOVQ         (8*i)(SI), R8       \
	MOVQ         (8*i+16)(SI), R9    \
	VMOVDQU      (R8), y             \
	VINSERTI64X4 $1, (R9), z, z

// func gatherBlock(b *Block, src *[Width]*[4]uint64)
TEXT ·gatherBlock(SB), NOSPLIT, $0-16
	MOVQ b+0(FP), DI
	MOVQ src+8(FP), SI
	CONST(0xfffffffffffff, Z31)
	PAIR(0, Y0, Z0)
	PAIR(1, Y1, Z1)
	PAIR(4, Y2, Z2)
	PAIR(5, Y3, Z3)

	// Words of all numbers side by side: 0, 1, 2, 3 in Z8, Z9, Z10, Z11.
	VPUNPCKLQDQ Z1, Z0, Z4
	VPUNPCKHQDQ Z1, Z0, Z5
	VPUNPCKLQDQ Z3, Z2, Z6
	VPUNPCKHQDQ Z3, Z2, Z7
	VSHUFI64X2  $0x88, Z6, Z4, Z8
	VSHUFI64X2  $0x88, Z7, Z5, Z9
	VSHUFI64X2  $0xdd, Z6, Z4, Z10
	VSHUFI64X2  $0xdd, Z7, Z5, Z11

	// Limbs of 52 bits of 16 times the number.
	VPSLLQ $4, Z8, Z0
	VPSRLQ $48, Z8, Z1
	VPSLLQ $16, Z9, Z2
	VPORQ  Z2, Z1, Z1
	VPSRLQ $36, Z9, Z2
	VPSLLQ $28, Z10, Z3
	VPORQ  Z3, Z2, Z2
	VPSRLQ $24, Z10, Z3
	VPSLLQ $40, Z11, Z4
	VPORQ  Z4, Z3, Z3
	VPSRLQ $12, Z11, Z4
	VPANDQ Z31, Z0, Z0
	VPANDQ Z31, Z1, Z1
	VPANDQ Z31, Z2, Z2
	VPANDQ Z31, Z3, Z3
	STORE(DI, Z0, Z1, Z2, Z3, Z4)
	VZEROUPPER
	RET
