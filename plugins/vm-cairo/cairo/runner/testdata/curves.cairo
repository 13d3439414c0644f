// ec_op, with its random point, and a signature.
%builtins output pedersen range_check ecdsa bitwise ec_op

from starkware.cairo.common.cairo_builtins import BitwiseBuiltin, EcOpBuiltin, HashBuiltin, SignatureBuiltin
from starkware.cairo.common.ec import ec_add, ec_double, ec_op, recover_y
from starkware.cairo.common.ec_point import EcPoint
from starkware.cairo.common.signature import verify_ecdsa_signature

func main{
    output_ptr: felt*,
    pedersen_ptr: HashBuiltin*,
    range_check_ptr,
    ecdsa_ptr: SignatureBuiltin*,
    bitwise_ptr: BitwiseBuiltin*,
    ec_op_ptr: EcOpBuiltin*,
}() {
    alloc_locals;
    // The generator and twice the generator.
    local g: EcPoint = EcPoint(
        0x1ef15c18599971b7beced415a40f0c7deacfd9b0d1819e03d723d8bc943cfca,
        0x5668060aa49730b7be4801df46ec62de53ecd11abe43a32873000c36e8dc1f,
    );
    let (local g2: EcPoint) = ec_double(g);
    let (local g3: EcPoint) = ec_add(g, g2);
    let (local r: EcPoint) = ec_op(g, 123456789, g2);
    let (local y: EcPoint) = recover_y(g.x);
    verify_ecdsa_signature(
        message=2718,
        public_key=1735102664668487605176656616876767369909409133946409161569774794110049207117,
        signature_r=3086480810278599376317923499561306189851900463386393948998357832163236918254,
        signature_s=598673427589502599949712887611119751108407514580626464031881322743364689811,
    );
    assert output_ptr[0] = g3.x;
    assert output_ptr[1] = r.x;
    assert output_ptr[2] = r.y;
    assert output_ptr[3] = y.x;
    let output_ptr = output_ptr + 4;
    return ();
}
