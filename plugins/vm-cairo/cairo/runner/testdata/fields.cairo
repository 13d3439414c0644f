// The hints for numbers of 384 to 768 bits, packed words, and other fields and curves, whose libraries are not the
// compiler's own: a function for each, with the text that those libraries have, whose results are written to the output.
%builtins output

from starkware.cairo.common.registers import get_fp_and_pc

struct Big3 {
    d0: felt,
    d1: felt,
    d2: felt,
}

struct Big4 {
    d0: felt,
    d1: felt,
    d2: felt,
    d3: felt,
}

struct Big5 {
    d0: felt,
    d1: felt,
    d2: felt,
    d3: felt,
    d4: felt,
}

struct Big6 {
    d0: felt,
    d1: felt,
    d2: felt,
    d3: felt,
    d4: felt,
    d5: felt,
}

struct Pair {
    low: felt,
    high: felt,
}

struct Point {
    x: Big3,
    y: Big3,
}

func uint384_unsigned_div_rem{output_ptr: felt*}(a: Big3, div: Big3) {
    alloc_locals;
    local quotient: Big3;
    local remainder: Big3;
    %{
        def split(num: int, num_bits_shift: int, length: int):
            a = []
            for _ in range(length):
                a.append( num & ((1 << num_bits_shift) - 1) )
                num = num >> num_bits_shift
            return tuple(a)

        def pack(z, num_bits_shift: int) -> int:
            limbs = (z.d0, z.d1, z.d2)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))

        a = pack(ids.a, num_bits_shift = 128)
        div = pack(ids.div, num_bits_shift = 128)
        quotient, remainder = divmod(a, div)

        quotient_split = split(quotient, num_bits_shift=128, length=3)
        assert len(quotient_split) == 3

        ids.quotient.d0 = quotient_split[0]
        ids.quotient.d1 = quotient_split[1]
        ids.quotient.d2 = quotient_split[2]

        remainder_split = split(remainder, num_bits_shift=128, length=3)
        ids.remainder.d0 = remainder_split[0]
        ids.remainder.d1 = remainder_split[1]
        ids.remainder.d2 = remainder_split[2]
    %}
    assert output_ptr[0] = quotient.d0;
    assert output_ptr[1] = quotient.d1;
    assert output_ptr[2] = quotient.d2;
    assert output_ptr[3] = remainder.d0;
    assert output_ptr[4] = remainder.d1;
    assert output_ptr[5] = remainder.d2;
    let output_ptr = output_ptr + 6;
    return ();
}

func unsigned_div_rem_uint768_by_uint384{output_ptr: felt*}(a: Big6, div: Big3) {
    alloc_locals;
    local quotient: Big6;
    local remainder: Big3;
    %{
        def split(num: int, num_bits_shift: int, length: int):
            a = []
            for _ in range(length):
                a.append( num & ((1 << num_bits_shift) - 1) )
                num = num >> num_bits_shift 
            return tuple(a)

        def pack(z, num_bits_shift: int) -> int:
            limbs = (z.d0, z.d1, z.d2)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))
            
        def pack_extended(z, num_bits_shift: int) -> int:
            limbs = (z.d0, z.d1, z.d2, z.d3, z.d4, z.d5)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))

        a = pack_extended(ids.a, num_bits_shift = 128)
        div = pack(ids.div, num_bits_shift = 128)

        quotient, remainder = divmod(a, div)

        quotient_split = split(quotient, num_bits_shift=128, length=6)

        ids.quotient.d0 = quotient_split[0]
        ids.quotient.d1 = quotient_split[1]
        ids.quotient.d2 = quotient_split[2]
        ids.quotient.d3 = quotient_split[3]
        ids.quotient.d4 = quotient_split[4]
        ids.quotient.d5 = quotient_split[5]

        remainder_split = split(remainder, num_bits_shift=128, length=3)
        ids.remainder.d0 = remainder_split[0]
        ids.remainder.d1 = remainder_split[1]
        ids.remainder.d2 = remainder_split[2]
    %}
    assert output_ptr[0] = quotient.d0;
    assert output_ptr[1] = quotient.d1;
    assert output_ptr[2] = quotient.d2;
    assert output_ptr[3] = quotient.d3;
    assert output_ptr[4] = quotient.d4;
    assert output_ptr[5] = quotient.d5;
    assert output_ptr[6] = remainder.d0;
    assert output_ptr[7] = remainder.d1;
    assert output_ptr[8] = remainder.d2;
    let output_ptr = output_ptr + 9;
    return ();
}

func uint512_unsigned_div_rem{output_ptr: felt*}(x: Big4, div: Pair) {
    alloc_locals;
    local quotient: Big4;
    local remainder: Pair;
    %{
        def split(num: int, num_bits_shift: int, length: int):
            a = []
            for _ in range(length):
                a.append( num & ((1 << num_bits_shift) - 1) )
                num = num >> num_bits_shift
            return tuple(a)

        def pack(z, num_bits_shift: int) -> int:
            limbs = (z.low, z.high)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))

        def pack_extended(z, num_bits_shift: int) -> int:
            limbs = (z.d0, z.d1, z.d2, z.d3)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))

        x = pack_extended(ids.x, num_bits_shift = 128)
        div = pack(ids.div, num_bits_shift = 128)

        quotient, remainder = divmod(x, div)

        quotient_split = split(quotient, num_bits_shift=128, length=4)

        ids.quotient.d0 = quotient_split[0]
        ids.quotient.d1 = quotient_split[1]
        ids.quotient.d2 = quotient_split[2]
        ids.quotient.d3 = quotient_split[3]

        remainder_split = split(remainder, num_bits_shift=128, length=2)
        ids.remainder.low = remainder_split[0]
        ids.remainder.high = remainder_split[1]
    %}
    assert output_ptr[0] = quotient.d0;
    assert output_ptr[1] = quotient.d1;
    assert output_ptr[2] = quotient.d2;
    assert output_ptr[3] = quotient.d3;
    assert output_ptr[4] = remainder.low;
    assert output_ptr[5] = remainder.high;
    let output_ptr = output_ptr + 6;
    return ();
}

func uint384_split_128{output_ptr: felt*}(a: felt) {
    alloc_locals;
    local low: felt;
    local high: felt;
    %{
        ids.low = ids.a & ((1<<128) - 1)
        ids.high = ids.a >> 128
    %}
    assert output_ptr[0] = low;
    assert output_ptr[1] = high;
    let output_ptr = output_ptr + 2;
    return ();
}

func uint384_sqrt{output_ptr: felt*}(a: Big3) {
    alloc_locals;
    local root: Big3;
    %{
        from starkware.python.math_utils import isqrt

        def split(num: int, num_bits_shift: int, length: int):
            a = []
            for _ in range(length):
                a.append( num & ((1 << num_bits_shift) - 1) )
                num = num >> num_bits_shift
            return tuple(a)

        def pack(z, num_bits_shift: int) -> int:
            limbs = (z.d0, z.d1, z.d2)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))

        a = pack(ids.a, num_bits_shift=128)
        root = isqrt(a)
        assert 0 <= root < 2 ** 192
        root_split = split(root, num_bits_shift=128, length=3)
        ids.root.d0 = root_split[0]
        ids.root.d1 = root_split[1]
        ids.root.d2 = root_split[2]
    %}
    assert output_ptr[0] = root.d0;
    assert output_ptr[1] = root.d1;
    assert output_ptr[2] = root.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func sub_reduced_a_and_reduced_b{output_ptr: felt*}(a: Big3, b: Big3, p: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        def split(num: int, num_bits_shift: int, length: int):
            a = []
            for _ in range(length):
                a.append( num & ((1 << num_bits_shift) - 1) )
                num = num >> num_bits_shift
            return tuple(a)

        def pack(z, num_bits_shift: int) -> int:
            limbs = (z.d0, z.d1, z.d2)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))

        a = pack(ids.a, num_bits_shift = 128)
        b = pack(ids.b, num_bits_shift = 128)
        p = pack(ids.p, num_bits_shift = 128)

        res = (a - b) % p


        res_split = split(res, num_bits_shift=128, length=3)

        ids.res.d0 = res_split[0]
        ids.res.d1 = res_split[1]
        ids.res.d2 = res_split[2]
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func uint384_get_square_root{output_ptr: felt*}(generator: Big3, x: Big3, p: Big3) {
    alloc_locals;
    local success_x: felt;
    local success_gx: felt;
    local sqrt_x: Big3;
    local sqrt_gx: Big3;
    %{
        from starkware.python.math_utils import is_quad_residue, sqrt

        def split(num: int, num_bits_shift: int = 128, length: int = 3):
            a = []
            for _ in range(length):
                a.append( num & ((1 << num_bits_shift) - 1) )
                num = num >> num_bits_shift
            return tuple(a)

        def pack(z, num_bits_shift: int = 128) -> int:
            limbs = (z.d0, z.d1, z.d2)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))


        generator = pack(ids.generator)
        x = pack(ids.x)
        p = pack(ids.p)

        success_x = is_quad_residue(x, p)
        root_x = sqrt(x, p) if success_x else None

        success_gx = is_quad_residue(generator*x, p)
        root_gx = sqrt(generator*x, p) if success_gx else None

        # Check that one is 0 and the other is 1
        if x != 0:
            assert success_x + success_gx ==1

        # `None` means that no root was found, but we need to transform these into a felt no matter what
        if root_x == None:
            root_x = 0
        if root_gx == None:
            root_gx = 0
        ids.success_x = int(success_x)
        ids.success_gx = int(success_gx)
        split_root_x = split(root_x)
        split_root_gx = split(root_gx)
        ids.sqrt_x.d0 = split_root_x[0]
        ids.sqrt_x.d1 = split_root_x[1]
        ids.sqrt_x.d2 = split_root_x[2]
        ids.sqrt_gx.d0 = split_root_gx[0]
        ids.sqrt_gx.d1 = split_root_gx[1]
        ids.sqrt_gx.d2 = split_root_gx[2]
    %}
    assert output_ptr[0] = success_x;
    assert output_ptr[1] = success_gx;
    assert output_ptr[2] = sqrt_x.d0;
    assert output_ptr[3] = sqrt_x.d1;
    assert output_ptr[4] = sqrt_x.d2;
    assert output_ptr[5] = sqrt_gx.d0;
    assert output_ptr[6] = sqrt_gx.d1;
    assert output_ptr[7] = sqrt_gx.d2;
    let output_ptr = output_ptr + 8;
    return ();
}

func uint256_get_square_root{output_ptr: felt*}(generator: Pair, x: Pair, p: Pair) {
    alloc_locals;
    local success_x: felt;
    local success_gx: felt;
    local sqrt_x: Pair;
    local sqrt_gx: Pair;
    %{
        from starkware.python.math_utils import is_quad_residue, sqrt

        def split(a: int):
            return (a & ((1 << 128) - 1), a >> 128)

        def pack(z) -> int:
            return z.low + (z.high << 128)

        generator = pack(ids.generator)
        x = pack(ids.x)
        p = pack(ids.p)

        success_x = is_quad_residue(x, p)
        root_x = sqrt(x, p) if success_x else None
        success_gx = is_quad_residue(generator*x, p)
        root_gx = sqrt(generator*x, p) if success_gx else None

        # Check that one is 0 and the other is 1
        if x != 0:
            assert success_x + success_gx == 1

        # `None` means that no root was found, but we need to transform these into a felt no matter what
        if root_x == None:
            root_x = 0
        if root_gx == None:
            root_gx = 0
        ids.success_x = int(success_x)
        ids.success_gx = int(success_gx)
        split_root_x = split(root_x)
        # print('split root x', split_root_x)
        split_root_gx = split(root_gx)
        ids.sqrt_x.low = split_root_x[0]
        ids.sqrt_x.high = split_root_x[1]
        ids.sqrt_gx.low = split_root_gx[0]
        ids.sqrt_gx.high = split_root_gx[1]
    %}
    assert output_ptr[0] = success_x;
    assert output_ptr[1] = success_gx;
    assert output_ptr[2] = sqrt_x.low;
    assert output_ptr[3] = sqrt_x.high;
    assert output_ptr[4] = sqrt_gx.low;
    assert output_ptr[5] = sqrt_gx.high;
    let output_ptr = output_ptr + 6;
    return ();
}

func uint384_div{output_ptr: felt*}(a: Big3, b: Big3, p: Big3) {
    alloc_locals;
    local b_inverse_mod_p: Big3;
    %{
        from starkware.python.math_utils import div_mod

        def split(num: int, num_bits_shift: int, length: int):
            a = []
            for _ in range(length):
                a.append( num & ((1 << num_bits_shift) - 1) )
                num = num >> num_bits_shift
            return tuple(a)

        def pack(z, num_bits_shift: int) -> int:
            limbs = (z.d0, z.d1, z.d2)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))

        a = pack(ids.a, num_bits_shift = 128)
        b = pack(ids.b, num_bits_shift = 128)
        p = pack(ids.p, num_bits_shift = 128)
        # For python3.8 and above the modular inverse can be computed as follows:
        # b_inverse_mod_p = pow(b, -1, p)
        # Instead we use the python3.7-friendly function div_mod from starkware.python.math_utils
        b_inverse_mod_p = div_mod(1, b, p)


        b_inverse_mod_p_split = split(b_inverse_mod_p, num_bits_shift=128, length=3)

        ids.b_inverse_mod_p.d0 = b_inverse_mod_p_split[0]
        ids.b_inverse_mod_p.d1 = b_inverse_mod_p_split[1]
        ids.b_inverse_mod_p.d2 = b_inverse_mod_p_split[2]
    %}
    assert output_ptr[0] = b_inverse_mod_p.d0;
    assert output_ptr[1] = b_inverse_mod_p.d1;
    assert output_ptr[2] = b_inverse_mod_p.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func inv_mod_p_uint256{output_ptr: felt*}(a: Pair, b: Pair, p: Pair) {
    alloc_locals;
    local b_inverse_mod_p: Pair;
    %{
        from starkware.python.math_utils import div_mod

        def split(a: int):
            return (a & ((1 << 128) - 1), a >> 128)

        def pack(z, num_bits_shift: int) -> int:
            limbs = (z.low, z.high)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))

        a = pack(ids.a, 128)
        b = pack(ids.b, 128)
        p = pack(ids.p, 128)
        # For python3.8 and above the modular inverse can be computed as follows:
        # b_inverse_mod_p = pow(b, -1, p)
        # Instead we use the python3.7-friendly function div_mod from starkware.python.math_utils
        b_inverse_mod_p = div_mod(1, b, p)

        b_inverse_mod_p_split = split(b_inverse_mod_p)

        ids.b_inverse_mod_p.low = b_inverse_mod_p_split[0]
        ids.b_inverse_mod_p.high = b_inverse_mod_p_split[1]
    %}
    assert output_ptr[0] = b_inverse_mod_p.low;
    assert output_ptr[1] = b_inverse_mod_p.high;
    let output_ptr = output_ptr + 2;
    return ();
}

func inv_mod_p_uint512{output_ptr: felt*}(x: Big4, p: Pair) {
    alloc_locals;
    local x_inverse_mod_p: Pair;
    %{
        def pack_512(u, num_bits_shift: int) -> int:
            limbs = (u.d0, u.d1, u.d2, u.d3)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))

        x = pack_512(ids.x, num_bits_shift = 128)
        p = ids.p.low + (ids.p.high << 128)
        x_inverse_mod_p = pow(x,-1, p)

        x_inverse_mod_p_split = (x_inverse_mod_p & ((1 << 128) - 1), x_inverse_mod_p >> 128)

        ids.x_inverse_mod_p.low = x_inverse_mod_p_split[0]
        ids.x_inverse_mod_p.high = x_inverse_mod_p_split[1]
    %}
    assert output_ptr[0] = x_inverse_mod_p.low;
    assert output_ptr[1] = x_inverse_mod_p.high;
    let output_ptr = output_ptr + 2;
    return ();
}

func hi_max_bitlen{output_ptr: felt*}(scalar_u: Big3, scalar_v: Big3) {
    alloc_locals;
    local len_hi: felt;
    %{
        ids.len_hi = max(ids.scalar_u.d2.bit_length(), ids.scalar_v.d2.bit_length())-1
    %}
    assert output_ptr[0] = len_hi;
    let output_ptr = output_ptr + 1;
    return ();
}

func quad_bit{output_ptr: felt*}(scalar_u: felt, scalar_v: felt, m: felt) {
    alloc_locals;
    local quad_bit: felt;
    %{
        ids.quad_bit = (
            8 * ((ids.scalar_v >> ids.m) & 1)
            + 4 * ((ids.scalar_u >> ids.m) & 1)
            + 2 * ((ids.scalar_v >> (ids.m - 1)) & 1)
            + ((ids.scalar_u >> (ids.m - 1)) & 1)
        )
    %}
    assert output_ptr[0] = quad_bit;
    let output_ptr = output_ptr + 1;
    return ();
}

func di_bit{output_ptr: felt*}(scalar_u: felt, scalar_v: felt, m: felt) {
    alloc_locals;
    local dibit: felt;
    %{
        ids.dibit = ((ids.scalar_u >> ids.m) & 1) + 2 * ((ids.scalar_v >> ids.m) & 1)
    %}
    assert output_ptr[0] = dibit;
    let output_ptr = output_ptr + 1;
    return ();
}

func get_felt_bit_length{output_ptr: felt*}(x: felt) {
    alloc_locals;
    local bit_length: felt;
    %{
        x = ids.x
        ids.bit_length = x.bit_length()
    %}
    assert output_ptr[0] = bit_length;
    let output_ptr = output_ptr + 1;
    return ();
}

func split_xx{output_ptr: felt*}(xx: Pair) {
    alloc_locals;
    local x: Pair;
    %{
        PRIME = 2**255 - 19
        II = pow(2, (PRIME - 1) // 4, PRIME)

        xx = ids.xx.low + (ids.xx.high<<128)
        x = pow(xx, (PRIME + 3) // 8, PRIME)
        if (x * x - xx) % PRIME != 0:
            x = (x * II) % PRIME
        if x % 2 != 0:
            x = PRIME - x
        ids.x.low = x & ((1<<128)-1)
        ids.x.high = x >> 128
    %}
    assert output_ptr[0] = x.low;
    assert output_ptr[1] = x.high;
    let output_ptr = output_ptr + 2;
    return ();
}

func split_output_0{output_ptr: felt*}(output0: felt) {
    alloc_locals;
    local output0_low: felt;
    local output0_high: felt;
    %{
        ids.output0_low = ids.output0 & ((1 << 128) - 1)
        ids.output0_high = ids.output0 >> 128
    %}
    assert output_ptr[0] = output0_low;
    assert output_ptr[1] = output0_high;
    let output_ptr = output_ptr + 2;
    return ();
}

func split_output_1{output_ptr: felt*}(output1: felt) {
    alloc_locals;
    local output1_low: felt;
    local output1_high: felt;
    %{
        ids.output1_low = ids.output1 & ((1 << 128) - 1)
        ids.output1_high = ids.output1 >> 128
    %}
    assert output_ptr[0] = output1_low;
    assert output_ptr[1] = output1_high;
    let output_ptr = output_ptr + 2;
    return ();
}

func split_output_mid_low_high{output_ptr: felt*}(output1: felt) {
    alloc_locals;
    local output1_high: felt;
    local output1_mid: felt;
    local output1_low: felt;
    %{
        tmp, ids.output1_low = divmod(ids.output1, 256 ** 7)
        ids.output1_high, ids.output1_mid = divmod(tmp, 2 ** 128)
    %}
    assert output_ptr[0] = output1_high;
    assert output_ptr[1] = output1_mid;
    assert output_ptr[2] = output1_low;
    let output_ptr = output_ptr + 3;
    return ();
}

func split_input_3{output_ptr: felt*}(inputs: felt*) {
    alloc_locals;
    local high3: felt;
    local low3: felt;
    %{
        ids.high3, ids.low3 = divmod(memory[ids.inputs + 3], 256)
    %}
    assert output_ptr[0] = high3;
    assert output_ptr[1] = low3;
    let output_ptr = output_ptr + 2;
    return ();
}

func split_input_6{output_ptr: felt*}(inputs: felt*) {
    alloc_locals;
    local high6: felt;
    local low6: felt;
    %{
        ids.high6, ids.low6 = divmod(memory[ids.inputs + 6], 256 ** 2)
    %}
    assert output_ptr[0] = high6;
    assert output_ptr[1] = low6;
    let output_ptr = output_ptr + 2;
    return ();
}

func split_input_9{output_ptr: felt*}(inputs: felt*) {
    alloc_locals;
    local high9: felt;
    local low9: felt;
    %{
        ids.high9, ids.low9 = divmod(memory[ids.inputs + 9], 256 ** 3)
    %}
    assert output_ptr[0] = high9;
    assert output_ptr[1] = low9;
    let output_ptr = output_ptr + 2;
    return ();
}

func split_input_12{output_ptr: felt*}(inputs: felt*) {
    alloc_locals;
    local high12: felt;
    local low12: felt;
    %{
        ids.high12, ids.low12 = divmod(memory[ids.inputs + 12], 256 ** 4)
    %}
    assert output_ptr[0] = high12;
    assert output_ptr[1] = low12;
    let output_ptr = output_ptr + 2;
    return ();
}

func split_input_15{output_ptr: felt*}(inputs: felt*) {
    alloc_locals;
    local high15: felt;
    local low15: felt;
    %{
        ids.high15, ids.low15 = divmod(memory[ids.inputs + 15], 256 ** 5)
    %}
    assert output_ptr[0] = high15;
    assert output_ptr[1] = low15;
    let output_ptr = output_ptr + 2;
    return ();
}

func ec_recover_div_mod_n_packed_value{output_ptr: felt*}(n: Big3, x: Big3, s: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import div_mod, safe_div

        N = pack(ids.n, PRIME)
        x = pack(ids.x, PRIME) % N
        s = pack(ids.s, PRIME) % N
        value = res = div_mod(x, s, N)
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func ec_recover_sub_a_b_value{output_ptr: felt*}(a: Big3, b: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import div_mod, safe_div

        a = pack(ids.a, PRIME)
        b = pack(ids.b, PRIME)

        value = res = a - b
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func ec_recover_product_mod_value{output_ptr: felt*}(a: Big3, b: Big3, m: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import div_mod, safe_div

        a = pack(ids.a, PRIME)
        b = pack(ids.b, PRIME)
        product = a * b
        m = pack(ids.m, PRIME)

        value = res = product % m
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func ec_recover_product_div_m_value{output_ptr: felt*}(a: Big3, b: Big3, m: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import div_mod, safe_div

        a = pack(ids.a, PRIME)
        b = pack(ids.b, PRIME)
        product = a * b
        m = pack(ids.m, PRIME)

        value = res = product % m
    %}
    %{
        value = k = product // m
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func pack_modn_div_modn_value{output_ptr: felt*}(x: Big3, s: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import div_mod, safe_div

        N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141
        x = pack(ids.x, PRIME) % N
        s = pack(ids.s, PRIME) % N
        value = res = div_mod(x, s, N)
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func xs_safe_div_value{output_ptr: felt*}(x: Big3, s: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import div_mod, safe_div

        N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141
        x = pack(ids.x, PRIME) % N
        s = pack(ids.s, PRIME) % N
        value = res = div_mod(x, s, N)
    %}
    %{
        value = k = safe_div(res * s - x, N)
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func reduce_ed25519_value{output_ptr: felt*}(x: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        SECP_P=2**255-19

        value = pack(ids.x, PRIME) % SECP_P
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func is_zero_assign_scope_vars_ed25519_value{output_ptr: felt*}(x: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        SECP_P=2**255-19

        x = pack(ids.x, PRIME) % SECP_P
    %}
    %{
        SECP_P=2**255-19
        from starkware.python.math_utils import div_mod

        value = x_inv = div_mod(1, x, SECP_P)
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func ec_negate_embedded_secp_value{output_ptr: felt*}(point: Point) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        SECP_P = 2**255-19

        y = pack(ids.point.y, PRIME) % SECP_P
        # The modulo operation in python always returns a nonnegative number.
        value = (-y) % SECP_P
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func ec_double_assign_new_y_value{output_ptr: felt*}(point: Point, slope: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.python.math_utils import ec_double_slope
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        SECP_P = 2**255-19

        # Compute the slope.
        x = pack(ids.point.x, PRIME)
        y = pack(ids.point.y, PRIME)
        value = slope = ec_double_slope(point=(x, y), alpha=42204101795669822316448953119945047945709099015225996174933988943478124189485, p=SECP_P)
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        SECP_P = 2**255-19

        slope = pack(ids.slope, PRIME)
        x = pack(ids.point.x, PRIME)
        y = pack(ids.point.y, PRIME)

        value = new_x = (pow(slope, 2, SECP_P) - 2 * x) % SECP_P
    %}
    %{
        value = new_y = (slope * (x - new_x) - y) % SECP_P
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func fast_ec_add_assign_new_y_value{output_ptr: felt*}(point0: Point, point1: Point, slope: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.python.math_utils import line_slope
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        SECP_P = 2**255-19
        # Compute the slope.
        x0 = pack(ids.point0.x, PRIME)
        y0 = pack(ids.point0.y, PRIME)
        x1 = pack(ids.point1.x, PRIME)
        y1 = pack(ids.point1.y, PRIME)
        value = slope = line_slope(point1=(x0, y0), point2=(x1, y1), p=SECP_P)
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        SECP_P = 2**255-19

        slope = pack(ids.slope, PRIME)
        x0 = pack(ids.point0.x, PRIME)
        x1 = pack(ids.point1.x, PRIME)
        y0 = pack(ids.point0.y, PRIME)

        value = new_x = (pow(slope, 2, SECP_P) - x0 - x1) % SECP_P
    %}
    %{
        value = new_y = (slope * (x0 - new_x) - y0) % SECP_P
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func square_slope_x_mod_p_value{output_ptr: felt*}(point0: Point, point1: Point, slope: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_P as SECP_P
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import line_slope

        # Compute the slope.
        x0 = pack(ids.point0.x, PRIME)
        y0 = pack(ids.point0.y, PRIME)
        x1 = pack(ids.point1.x, PRIME)
        y1 = pack(ids.point1.y, PRIME)
        value = slope = line_slope(point1=(x0, y0), point2=(x1, y1), p=SECP_P)
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack

        slope = pack(ids.slope, PRIME)
        x0 = pack(ids.point0.x, PRIME)
        x1 = pack(ids.point1.x, PRIME)
        y0 = pack(ids.point0.y, PRIME)

        value = new_x = (pow(slope, 2, SECP_P) - x0 - x1) % SECP_P
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func main{output_ptr: felt*}() {
    alloc_locals;
    let (local __fp__, _) = get_fp_and_pc();
    local words: felt* = new (0x7fffffffffffffff, 0x7fffffffffffcfc6, 0x7fffffffffff9f8d, 0x7fffffffffff6f54, 0x7fffffffffff3f1b, 0x7fffffffffff0ee2, 0x7ffffffffffedea9, 0x7ffffffffffeae70, 0x7ffffffffffe7e37, 0x7ffffffffffe4dfe, 0x7ffffffffffe1dc5, 0x7ffffffffffded8c, 0x7ffffffffffdbd53, 0x7ffffffffffd8d1a, 0x7ffffffffffd5ce1, 0x7ffffffffffd2ca8);
    uint384_unsigned_div_rem(Big3(0x3039, 0x0, 0x10000000000000000000000000000000), Big3(0x7, 0x1000000000000000000, 0x0));
    unsigned_div_rem_uint768_by_uint384(Big6(0x63, 0x0, 0x0, 0x0, 0x0, 0x1000000000000000000000000000000), Big3(0xffffffffffffffffffffffffffffffe1, 0xffffffffffffffffffffffffffffffff, 0x7fffffffffffffffffffffffffffffff));
    uint512_unsigned_div_rem(Big4(0x3, 0x0, 0x0, 0x40000000000000000000000000000000), Pair(0xffffffffffffffffffffffffffffffed, 0x7fffffffffffffffffffffffffffffff));
    uint384_split_128(0x1000000000000000000000000000000000000000000000000000000000011);
    uint384_sqrt(Big3(0x5, 0x0, 0x80000000000000000000000000000000));
    sub_reduced_a_and_reduced_b(Big3(0x5, 0x0, 0x0), Big3(0x0, 0x0, 0x100000000000), Big3(0xfffffffffffffffffffffffffffffffd, 0xffffffffffffffffffffffffffffffff, 0x1fffffffffffffffffffffffffffffff));
    uint384_get_square_root(Big3(0x7, 0x0, 0x0), Big3(0x19, 0x0, 0x0), Big3(0xffffffff00000001, 0x0, 0x0));
    uint256_get_square_root(Pair(0x5, 0x0), Pair(0x11, 0x0), Pair(0xfffffffffffffffffffffffefffffc2f, 0xffffffffffffffffffffffffffffffff));
    uint384_div(Big3(0x3, 0x0, 0x0), Big3(0x9, 0x1000000000000000000, 0x0), Big3(0xffffffffffffffffffffffffffffffed, 0x7fffffffffffffffffffffffffffffff, 0x0));
    inv_mod_p_uint256(Pair(0x3, 0x0), Pair(0x9, 0x1000000000000000000), Pair(0xffffffffffffffffffffffffffffffed, 0x7fffffffffffffffffffffffffffffff));
    inv_mod_p_uint512(Big4(0x9, 0x0, 0x0, 0x100000000000000000000000000000), Pair(0xffffffffffffffffffffffffffffff31, 0x3ffffffffffffffffffffffffffffff));
    hi_max_bitlen(Big3(0x0, 0x0, 0x10000000), Big3(0x0, 0x0, 0x400000000000000));
    quad_bit(0xd, 0x6, 0x2);
    di_bit(0xd, 0x6, 0x2);
    get_felt_bit_length(0x800000000000000000000000000000000000000000000000000000000000001);
    split_xx(Pair(0x31, 0x0));
    split_output_0(0x200000000000000000000000000000000000000000000000000000000000005);
    split_output_1(0x100000000000000000000000000000000000000000000000000000000000006);
    split_output_mid_low_high(0x80000000000000000000000000000000000000000000400000000000000007);
    split_input_3(words);
    split_input_6(words);
    split_input_9(words);
    split_input_12(words);
    split_input_15(words);
    ec_recover_div_mod_n_packed_value(Big3(0x3fffffffffffffffffffed, 0x3fffffffffffffffffffff, 0x7ffffffffffffffffffff), Big3(0x3039, 0x0, 0x0), Big3(0x2a6, 0x0, 0x0));
    ec_recover_sub_a_b_value(Big3(0x0, 0x0, 0x4000000000), Big3(0x4d, 0x0, 0x0));
    ec_recover_product_mod_value(Big3(0x1, 0x0, 0x4000000000), Big3(0x7, 0x0, 0x10000000), Big3(0x3fffffffffffffffffffed, 0x3fffffffffffffffffffff, 0x7ffffffffffffffffffff));
    ec_recover_product_div_m_value(Big3(0x1, 0x0, 0x4000000000), Big3(0x7, 0x0, 0x10000000), Big3(0x3fffffffffffffffffffed, 0x3fffffffffffffffffffff, 0x7ffffffffffffffffffff));
    pack_modn_div_modn_value(Big3(0x1, 0x0, 0x4000000000), Big3(0x7, 0x0, 0x10000000));
    xs_safe_div_value(Big3(0x1, 0x0, 0x4000000000), Big3(0x7, 0x0, 0x10000000));
    reduce_ed25519_value(Big3(0x1, 0x0, 0x2000000000000000000000));
    is_zero_assign_scope_vars_ed25519_value(Big3(0x1, 0x0, 0x2000000000000000000000));
    ec_negate_embedded_secp_value(Point(Big3(3, 5, 7), Big3(11, 13, 17)));
    ec_double_assign_new_y_value(Point(Big3(3, 5, 7), Big3(11, 13, 17)), Big3(0x63, 0x0, 0x0));
    fast_ec_add_assign_new_y_value(Point(Big3(3, 5, 7), Big3(11, 13, 17)), Point(Big3(19, 23, 29), Big3(31, 37, 41)), Big3(0x63, 0x0, 0x0));
    square_slope_x_mod_p_value(Point(Big3(3, 5, 7), Big3(11, 13, 17)), Point(Big3(19, 23, 29), Big3(31, 37, 41)), Big3(0x63, 0x0, 0x0));
    return ();
}
