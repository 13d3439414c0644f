// Loops over builtins and hints, for measurements.
%builtins pedersen range_check bitwise poseidon

from starkware.cairo.common.bitwise import bitwise_and
from starkware.cairo.common.builtin_poseidon.poseidon import poseidon_hash
from starkware.cairo.common.cairo_builtins import BitwiseBuiltin, HashBuiltin, PoseidonBuiltin
from starkware.cairo.common.default_dict import default_dict_new
from starkware.cairo.common.dict import dict_read, dict_write
from starkware.cairo.common.dict_access import DictAccess
from starkware.cairo.common.hash import hash2
from starkware.cairo.common.math import assert_nn_le, unsigned_div_rem
from starkware.cairo.common.uint256 import Uint256, uint256_add, uint256_mul, uint256_unsigned_div_rem

func main{pedersen_ptr: HashBuiltin*, range_check_ptr, bitwise_ptr: BitwiseBuiltin*, poseidon_ptr: PoseidonBuiltin*}() {
    return ();
}

func pedersen{pedersen_ptr: HashBuiltin*}(n) {
    if (n == 0) {
        return ();
    }
    let (h) = hash2{hash_ptr=pedersen_ptr}(n, 2 * n);
    return pedersen(n - 1);
}

func range_checks{range_check_ptr}(n) {
    if (n == 0) {
        return ();
    }
    assert_nn_le(n, 10000000);
    let (q, r) = unsigned_div_rem(n, 17);
    return range_checks(n - 1);
}

func bitwise{bitwise_ptr: BitwiseBuiltin*}(n) {
    if (n == 0) {
        return ();
    }
    let (x) = bitwise_and(n, 1234567);
    return bitwise(n - 1);
}

func poseidon{poseidon_ptr: PoseidonBuiltin*}(n) {
    if (n == 0) {
        return ();
    }
    let (x) = poseidon_hash(n, 7);
    return poseidon(n - 1);
}

func uint256s{range_check_ptr}(n) {
    if (n == 0) {
        return ();
    }
    let (s, c) = uint256_add(Uint256(n, n * n), Uint256(-1 - (-1 - 2 ** 127), n));
    let (l, h) = uint256_mul(s, Uint256(n, 5));
    let (q, r) = uint256_unsigned_div_rem(l, s);
    return uint256s(n - 1);
}

func dicts{range_check_ptr}(n) {
    let (d) = default_dict_new(0);
    with d {
        dict_loop(n);
    }
    return ();
}

func dict_loop{d: DictAccess*}(n) {
    if (n == 0) {
        return ();
    }
    let (x) = dict_read{dict_ptr=d}(n);
    dict_write{dict_ptr=d}(n - 1, x + 1);
    return dict_loop(n - 1);
}
