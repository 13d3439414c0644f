// A few of most builtins in each round.
%builtins output pedersen range_check ecdsa bitwise ec_op keccak poseidon

from starkware.cairo.common.bitwise import bitwise_operations
from starkware.cairo.common.builtin_poseidon.poseidon import poseidon_hash
from starkware.cairo.common.cairo_builtins import (
    BitwiseBuiltin, EcOpBuiltin, HashBuiltin, KeccakBuiltin, PoseidonBuiltin, SignatureBuiltin,
)
from starkware.cairo.common.ec import ec_op
from starkware.cairo.common.ec_point import EcPoint
from starkware.cairo.common.hash import hash2
from starkware.cairo.common.keccak_state import KeccakBuiltinState
from starkware.cairo.common.math import assert_nn_le

const ROUNDS = 200;
const CHECKS = 200;

func check{range_check_ptr, bitwise_ptr: BitwiseBuiltin*}(n, x) {
    if (n == 0) {
        return ();
    }
    assert_nn_le(n, x);
    let (_, _, _) = bitwise_operations(n, x);
    return check(n - 1, x);
}

func work{
    output_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr, ecdsa_ptr: SignatureBuiltin*, bitwise_ptr: BitwiseBuiltin*,
    ec_op_ptr: EcOpBuiltin*, keccak_ptr: KeccakBuiltin*, poseidon_ptr: PoseidonBuiltin*,
}(n) {
    alloc_locals;
    if (n == 0) {
        return ();
    }
    check(CHECKS, 1000 + n);
    let (local h) = hash2{hash_ptr=pedersen_ptr}(n, 1);
    let (local p) = poseidon_hash(h, n);
    assert keccak_ptr.input = KeccakBuiltinState(n, 1, 2, 3, 4, 5, 6, 7);
    assert output_ptr[0] = keccak_ptr.output.s0;
    let keccak_ptr = keccak_ptr + KeccakBuiltin.SIZE;
    assert output_ptr[1] = p;
    let output_ptr = output_ptr + 2;
    return work(n - 1);
}

func main{
    output_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr, ecdsa_ptr: SignatureBuiltin*, bitwise_ptr: BitwiseBuiltin*,
    ec_op_ptr: EcOpBuiltin*, keccak_ptr: KeccakBuiltin*, poseidon_ptr: PoseidonBuiltin*,
}() {
    alloc_locals;
    let g = EcPoint(
        0x1ef15c18599971b7beced415a40f0c7deacfd9b0d1819e03d723d8bc943cfca,
        0x5668060aa49730b7be4801df46ec62de53ecd11abe43a32873000c36e8dc1f,
    );
    let q = EcPoint(
        0x759ca09377679ecd535a81e83039658bf40959283187c654c5416f439403cf5,
        0x6f524a3400e7708d5c01a28598ad272e7455aa88778b19f93b562d7a9646c41,
    );
    let (r) = ec_op(g, 12345, q);
    work(ROUNDS);
    return ();
}
