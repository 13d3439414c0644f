// The curves secp256k1 and secp256r1.
%builtins output range_check

from starkware.cairo.common.cairo_secp.bigint import BigInt3, bigint_to_uint256
from starkware.cairo.common.cairo_secp.ec import EcPoint, ec_add, ec_double, ec_mul, ec_negate
from starkware.cairo.common.cairo_secp.field import reduce, unreduced_mul
from starkware.cairo.common.cairo_secp.signature import recover_public_key
from starkware.cairo.common.registers import get_fp_and_pc
from starkware.cairo.common.secp256r1.ec import (
    EcPoint as R1Point, ec_add as r1_add, ec_double as r1_double, ec_mul_by_uint256 as r1_mul_by_uint256, try_get_point_from_x,
)
from starkware.cairo.common.uint256 import Uint256

func main{output_ptr: felt*, range_check_ptr}() {
    alloc_locals;
    local g: EcPoint = EcPoint(
        BigInt3(0xe28d959f2815b16f81798, 0xa573a1c2c1c0a6ff36cb7, 0x79be667ef9dcbbac55a06),
        BigInt3(0x554199c47d08ffb10d4b8, 0x2ff0384422a3f45ed1229a, 0x483ada7726a3c4655da4f),
    );
    let (local two: EcPoint) = ec_double(g);
    let (local three: EcPoint) = ec_add(two, g);
    let (local minus: EcPoint) = ec_negate(three);
    let (local nothing: EcPoint) = ec_add(three, minus);
    let (local product: EcPoint) = ec_mul(g, BigInt3(12345, 6789, 10));
    let (local square) = unreduced_mul(g.x, g.x);
    let (local reduced: BigInt3) = reduce(square);
    let (local number: Uint256) = bigint_to_uint256(reduced);
    let (local key: EcPoint) = recover_public_key(BigInt3(11, 12, 13), g.x, BigInt3(14, 15, 16), 1);
    assert output_ptr[0] = three.x.d0 + three.y.d2;
    assert output_ptr[1] = nothing.x.d0;
    assert output_ptr[2] = product.x.d1;
    assert output_ptr[3] = number.low;
    assert output_ptr[4] = key.y.d0;
    let output_ptr = output_ptr + 5;
    return r1();
}

func r1{output_ptr: felt*, range_check_ptr}() {
    alloc_locals;
    local x: BigInt3 = BigInt3(0x2b33a0f4a13945d898c296, 0x1b958e9103c9dc0df604b7, 0x6b17d1f2e12c4247f8bce);
    local point: R1Point;
    let (local __fp__, _) = get_fp_and_pc();
    let (local found) = try_get_point_from_x(x, 0, &point);
    let (local two: R1Point) = r1_double(point);
    let (local three: R1Point) = r1_add(two, point);
    let (local product: R1Point) = r1_mul_by_uint256(point, Uint256(98765, 4321));
    assert output_ptr[0] = found;
    assert output_ptr[1] = three.x.d0;
    assert output_ptr[2] = product.y.d1;
    let output_ptr = output_ptr + 3;
    return ();
}
