// Comparisons and divisions of the library.
%builtins range_check

from starkware.cairo.common.math import (
    abs_value, assert_250_bit, assert_in_range, assert_le_felt, assert_lt_felt, assert_nn_le, assert_not_equal, assert_not_zero,
    sign, signed_div_rem, split_felt, sqrt, unsigned_div_rem,
)
from starkware.cairo.common.math_cmp import is_in_range, is_le, is_le_felt, is_nn, is_not_zero
from starkware.cairo.common.pow import pow

const ROUNDS = 3000;

func compute{range_check_ptr}(n) {
    alloc_locals;
    if (n == 0) {
        return ();
    }
    assert_not_zero(n);
    assert_not_equal(n, n + 1);
    assert_nn_le(n, ROUNDS);
    assert_in_range(n, 0, ROUNDS + 1);
    assert_le_felt(n, 2 ** 250 + n);
    assert_lt_felt(n, n * n + 1);
    assert_250_bit(n * 2 ** 230);
    local v0 = abs_value(-n);
    local v1 = sign(-n);
    let (_, _) = split_felt(n * 2 ** 200);
    let (_, _) = unsigned_div_rem(n * 1000, 17);
    let (_, _) = signed_div_rem(-n, 7, 2 ** 100);
    local v2 = sqrt(n * n);
    local v3 = is_nn(n);
    local v4 = is_le(n, 5);
    local v5 = is_le_felt(2 ** 200, n);
    local v6 = is_in_range(n, 3, 9);
    local v7 = is_not_zero(n);
    let (_) = pow(n, 13);
    return compute(n - 1);
}

func main{range_check_ptr}() {
    compute(ROUNDS);
    return ();
}
