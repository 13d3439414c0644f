// Pedersen, Poseidon, and bitwise.
%builtins output pedersen range_check bitwise poseidon

from starkware.cairo.common.bitwise import bitwise_and, bitwise_operations, bitwise_or, bitwise_xor
from starkware.cairo.common.builtin_poseidon.poseidon import poseidon_hash, poseidon_hash_many
from starkware.cairo.common.cairo_builtins import BitwiseBuiltin, HashBuiltin, PoseidonBuiltin
from starkware.cairo.common.hash import hash2
from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.math import assert_nn_le

func main{
    output_ptr: felt*,
    pedersen_ptr: HashBuiltin*,
    range_check_ptr,
    bitwise_ptr: BitwiseBuiltin*,
    poseidon_ptr: PoseidonBuiltin*,
}() {
    alloc_locals;
    let (local a) = hash2{hash_ptr=pedersen_ptr}(1, 2);
    let (local b) = hash2{hash_ptr=pedersen_ptr}(a, 2 ** 250);
    let (local c) = poseidon_hash(1, 2);
    let (local list) = alloc();
    assert list[0] = a;
    assert list[1] = b;
    assert list[2] = c;
    let (local d) = poseidon_hash_many(3, list);
    let (local e) = bitwise_and(12, 10);
    let (local f) = bitwise_xor(2 ** 250 + 5, 3);
    let (local g, local h, local i) = bitwise_operations(2 ** 128 + 7, 2 ** 128 + 8);
    let (local j) = bitwise_or(g, f);
    assert_nn_le(3, 7);
    assert output_ptr[0] = b;
    assert output_ptr[1] = d;
    assert output_ptr[2] = e + f + h + i + j;
    let output_ptr = output_ptr + 3;
    return ();
}
