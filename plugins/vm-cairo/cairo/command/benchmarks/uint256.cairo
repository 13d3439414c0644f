// Arithmetic of Uint256.
%builtins range_check bitwise

from starkware.cairo.common.cairo_builtins import BitwiseBuiltin
from starkware.cairo.common.uint256 import (
    Uint256, uint256_add, uint256_le, uint256_mul, uint256_shr, uint256_sqrt, uint256_sub, uint256_unsigned_div_rem, uint256_xor,
)

const ROUNDS = 1000;

func compute{range_check_ptr, bitwise_ptr: BitwiseBuiltin*}(n, x: Uint256) {
    alloc_locals;
    if (n == 0) {
        return ();
    }
    let (local sum, _) = uint256_add(x, Uint256(n, 0x123456789abcdef));
    let (local low, high) = uint256_mul(sum, Uint256(0xfedcba987654321, n));
    let (local q, r) = uint256_unsigned_div_rem(low, Uint256(n, 7));
    let (local root) = uint256_sqrt(q);
    let (local mixed) = uint256_xor(root, low);
    let (_) = uint256_le(q, mixed);
    let (local rest) = uint256_sub(mixed, r);
    let (next) = uint256_shr(rest, Uint256(3, 0));
    return compute(n - 1, next);
}

func main{range_check_ptr, bitwise_ptr: BitwiseBuiltin*}() {
    compute(ROUNDS, Uint256(1, 2));
    return ();
}
