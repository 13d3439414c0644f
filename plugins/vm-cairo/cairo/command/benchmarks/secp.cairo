// Multiplications on the curve secp256k1, and the public key of a signature.
%builtins range_check

from starkware.cairo.common.cairo_secp.bigint import BigInt3
from starkware.cairo.common.cairo_secp.ec import EcPoint, ec_mul
from starkware.cairo.common.cairo_secp.signature import recover_public_key

const ROUNDS = 8;

func multiply{range_check_ptr}(n, p: EcPoint) {
    if (n == 0) {
        return ();
    }
    let (q) = ec_mul(p, BigInt3(0x3ba5b7f1e9ab2d0f4c0a0 + n, 0x2d1f0a7c3b5e69f2410ab, 0x11f));
    return multiply(n - 1, q);
}

func main{range_check_ptr}() {
    alloc_locals;
    let generator = EcPoint(
        BigInt3(0xe28d959f2815b16f81798, 0xa573a1c2c1c0a6ff36cb7, 0x79be667ef9dcbbac55a06),
        BigInt3(0x554199c47d08ffb10d4b8, 0x2ff0384422a3f45ed1229a, 0x483ada7726a3c4655da4f),
    );
    multiply(ROUNDS, generator);
    let (key) = recover_public_key(
        BigInt3(38047400353360331012910998, 70506054379979706236870941, 1547461),
        BigInt3(0xe28d959f2815b16f81798, 0xa573a1c2c1c0a6ff36cb7, 0x79be667ef9dcbbac55a06),
        BigInt3(0x3b1a0f2c4d6e8f7a9b0c1, 0x0d1c2b3a495867768594a, 0x1b),
        0,
    );
    return ();
}
