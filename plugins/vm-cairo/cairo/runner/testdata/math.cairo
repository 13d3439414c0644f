// The hints of math, math_cmp and pow.
%builtins output range_check

from starkware.cairo.common.math import (
    abs_value, assert_250_bit, assert_in_range, assert_le, assert_le_felt, assert_lt, assert_lt_felt, assert_nn,
    assert_nn_le, assert_not_equal, assert_not_zero, horner_eval, is_quad_residue, sign, signed_div_rem, split_felt,
    split_int, sqrt, unsigned_div_rem,
)
from starkware.cairo.common.math_cmp import is_in_range, is_le, is_le_felt, is_nn, is_not_zero
from starkware.cairo.common.pow import pow
from starkware.cairo.common.alloc import alloc
from starkware.starknet.common.storage import normalize_address

func main{output_ptr: felt*, range_check_ptr}() {
    alloc_locals;
    assert_not_zero(5);
    assert_not_zero(-5);
    assert_not_equal(5, 6);
    assert_nn(0);
    assert_nn(2 ** 128 - 1);
    assert_le(3, 3);
    assert_lt(3, 4);
    assert_nn_le(3, 7);
    assert_in_range(5, 5, 9);
    assert_250_bit(2 ** 250 - 1);
    assert_250_bit(77);
    let (local high, local low) = split_felt(-1);
    assert_le_felt(0, 0);
    assert_le_felt(1, 2 ** 250);
    assert_le_felt(2 ** 250, -1);
    assert_le_felt(-2, -1);
    assert_le_felt(3, -3);
    assert_lt_felt(2 ** 250, -1);
    local a = abs_value(-17);
    local b = sign(-17);
    local c = sign(0);
    let (local q, local r) = unsigned_div_rem(1000, 7);
    let (local sq, local sr) = signed_div_rem(-1000, 7, 1000);
    let (local pieces) = alloc();
    split_int(2 ** 40 + 12345, 5, 1000, 1000, pieces);
    local s = sqrt(2 ** 249 + 3);
    local range_check_ptr = range_check_ptr;
    let (local h) = horner_eval(5, pieces, 1000);
    assert h = 2 ** 40 + 12345;
    let (local p) = pow(3, 77);
    let (local p0) = pow(7, 0);
    let i = is_nn(5);
    let j = is_nn(-5);
    let k = is_nn(2 ** 200);
    let l = is_le(5, 7);
    let m = is_le_felt(2 ** 200, 2 ** 201);
    let n = is_le_felt(2 ** 201, 2 ** 200);
    let o = is_in_range(5, 4, 6);
    let t = is_not_zero(9);
    local u = is_quad_residue(16);
    local v = is_quad_residue(3);
    let (local w) = normalize_address(2 ** 251 - 100);
    let (local x) = normalize_address(17);
    let (local z) = normalize_address(2 ** 251 + 2 ** 192);
    assert output_ptr[0] = a + b + c + q * r;
    assert output_ptr[1] = sq;
    assert output_ptr[2] = sr + s;
    assert output_ptr[3] = p + p0;
    assert output_ptr[4] = i + 2 * j + 4 * k + 8 * l + 16 * m + 32 * n + 64 * o + 128 * t + 256 * u + 512 * v;
    assert output_ptr[5] = w;
    assert output_ptr[6] = x + z;
    assert output_ptr[7] = high - low;
    let output_ptr = output_ptr + 8;
    return ();
}
