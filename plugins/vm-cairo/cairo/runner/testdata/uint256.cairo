// The hints of uint256.
%builtins output range_check bitwise

from starkware.cairo.common.cairo_builtins import BitwiseBuiltin
from starkware.cairo.common.uint256 import (
    Uint256, uint256_add, uint256_and, uint256_eq, uint256_le, uint256_lt, uint256_mul, uint256_mul_div_mod, uint256_neg,
    uint256_not, uint256_or, uint256_pow2, uint256_shl, uint256_shr, uint256_signed_div_rem, uint256_signed_lt,
    uint256_sqrt, uint256_sub, uint256_unsigned_div_rem, uint256_xor,
)

func main{output_ptr: felt*, range_check_ptr, bitwise_ptr: BitwiseBuiltin*}() {
    alloc_locals;
    local a: Uint256 = Uint256(2 ** 128 - 1, 2 ** 127 + 5);
    local b: Uint256 = Uint256(3, 17);
    let (local s, local carry) = uint256_add(a, a);
    let (local t, local carry2) = uint256_add(b, b);
    let (local low, local high) = uint256_mul(a, b);
    let (local q, local r) = uint256_unsigned_div_rem(a, b);
    let (local sq, local sr) = uint256_signed_div_rem(a, b);
    let (local x, local y, local z) = uint256_mul_div_mod(a, s, b);
    let (local root) = uint256_sqrt(a);
    let (local d) = uint256_sub(b, a);
    let (local lt) = uint256_lt(a, b);
    let (local slt) = uint256_signed_lt(a, b);
    let (local shl) = uint256_shl(b, Uint256(130, 0));
    let (local shr) = uint256_shr(a, Uint256(130, 0));
    let (local xor) = uint256_xor(a, b);
    let (local neg) = uint256_neg(b);
    assert output_ptr[0] = s.low + carry + t.high + carry2;
    assert output_ptr[1] = low.low + low.high + high.low + high.high;
    assert output_ptr[2] = q.low + r.low + sq.high + sr.low;
    assert output_ptr[3] = x.low + x.high + y.low + y.high + z.low + z.high;
    assert output_ptr[4] = root.low + d.low + d.high;
    assert output_ptr[5] = lt + slt * 2;
    assert output_ptr[6] = shl.high + shr.low + xor.low + neg.high;
    let output_ptr = output_ptr + 7;
    return ();
}
