// Hints of libraries that the compiler does not bring along or no longer does, and the variants of hints that other programs
// here do not have: a function for each, which writes what it got to the output.
%builtins output range_check

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.builtin_keccak.keccak import BYTES_IN_WORD
from starkware.cairo.common.cairo_keccak.keccak import KECCAK_STATE_SIZE_FELTS
from starkware.cairo.common.cairo_keccak.packed_keccak import BLOCK_SIZE
from starkware.cairo.common.ec_point import EcPoint
from starkware.cairo.common.uint256 import SHIFT

const BASE = 2 ** 86;
const SHA256_INPUT_CHUNK_SIZE_FELTS = 16;
const SHA256_STATE_SIZE_FELTS = 8;
const N_PACKED_INSTANCES = 7;
const BLAKE2S_INPUT_CHUNK_SIZE_FELTS = 16;

struct Big3 {
    d0: felt,
    d1: felt,
    d2: felt,
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

struct Wide {
    b0: felt,
    b01: felt,
    b12: felt,
    b23: felt,
    b3: felt,
}

struct Point {
    x: Big3,
    y: Big3,
}

func le_v06{output_ptr: felt*}(a: felt, b: felt) {
    alloc_locals;
    %{
        from starkware.cairo.common.math_utils import assert_integer
        assert_integer(ids.a)
        assert_integer(ids.b)
        assert (ids.a % PRIME) <= (ids.b % PRIME), \
            f'a = {ids.a % PRIME} is not less than or equal to b = {ids.b % PRIME}.'
    %}
    ap += 0;
    return ();
}

func le_v08{output_ptr: felt*}(a: felt, b: felt) {
    alloc_locals;
    local small_inputs: felt;
    %{
        from starkware.cairo.common.math_utils import assert_integer
        assert_integer(ids.a)
        assert_integer(ids.b)
        a = ids.a % PRIME
        b = ids.b % PRIME
        assert a <= b, f'a = {a} is not less than or equal to b = {b}.'

        ids.small_inputs = int(
            a < range_check_builtin.bound and (b - a) < range_check_builtin.bound)
    %}
    assert output_ptr[0] = small_inputs;
    let output_ptr = output_ptr + 1;
    return ();
}

func compute_slope{output_ptr: felt*}(pt0: Point, pt1: Point) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import SECP_P, pack
        from starkware.python.math_utils import div_mod

        # Compute the slope.
        x0 = pack(ids.pt0.x, PRIME)
        y0 = pack(ids.pt0.y, PRIME)
        x1 = pack(ids.pt1.x, PRIME)
        y1 = pack(ids.pt1.y, PRIME)
        value = slope = div_mod(y0 - y1, x0 - x1, SECP_P)
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

func double_slope_v3{output_ptr: felt*}(pt: Point) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import SECP_P, pack
        from starkware.python.math_utils import div_mod

        # Compute the slope.
        x = pack(ids.pt.x, PRIME)
        y = pack(ids.pt.y, PRIME)
        value = slope = div_mod(3 * x ** 2, 2 * y, SECP_P)
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

func double_slope_v4{output_ptr: felt*}(point: Point) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_ALPHA, SECP256R1_P
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import ec_double_slope

        # Compute the slope.
        x = pack(ids.point.x, SECP256R1_P)
        y = pack(ids.point.y, SECP256R1_P)
        value = slope = ec_double_slope(point=(x, y), alpha=SECP256R1_ALPHA, p=SECP256R1_P)
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

func double_slope_external{output_ptr: felt*}(point: Point) {
    alloc_locals;
    local res: Big3;
    %{ from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_P as SECP_P %}
    %{ from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_ALPHA as ALPHA %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import ec_double_slope

        # Compute the slope.
        x = pack(ids.point.x, PRIME)
        y = pack(ids.point.y, PRIME)
        value = slope = ec_double_slope(point=(x, y), alpha=ALPHA, p=SECP_P)
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

func double_x_v2{output_ptr: felt*}(point: Point, slope: Big3) {
    alloc_locals;
    local res: Big3;
    %{ from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_P as SECP_P %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack

        slope = pack(ids.slope, PRIME)
        x = pack(ids.point.x, PRIME)
        y = pack(ids.point.y, PRIME)

        value = new_x = (pow(slope, 2, SECP_P) - 2 * x) % SECP_P
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

func double_x_v4{output_ptr: felt*}(pt: Point, slope: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import SECP_P, pack

        slope = pack(ids.slope, PRIME)
        x = pack(ids.pt.x, PRIME)
        y = pack(ids.pt.y, PRIME)

        value = new_x = (pow(slope, 2, SECP_P) - 2 * x) % SECP_P
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

func double_x_r1{output_ptr: felt*}(point: Point, slope: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_P
        from starkware.cairo.common.cairo_secp.secp_utils import pack

        slope = pack(ids.slope, SECP256R1_P)
        x = pack(ids.point.x, SECP256R1_P)
        y = pack(ids.point.y, SECP256R1_P)

        value = new_x = (pow(slope, 2, SECP256R1_P) - 2 * x) % SECP256R1_P
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

func add_x_v3{output_ptr: felt*}(pt0: Point, pt1: Point, slope: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import SECP_P, pack

        slope = pack(ids.slope, PRIME)
        x0 = pack(ids.pt0.x, PRIME)
        x1 = pack(ids.pt1.x, PRIME)
        y0 = pack(ids.pt0.y, PRIME)

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

func verify_zero_v2{output_ptr: felt*}(val: Big3) {
    alloc_locals;
    local q: felt;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import SECP_P
        q, r = divmod(pack(ids.val, PRIME), SECP_P)
        assert r == 0, f"verify_zero: Invalid input {ids.val.d0, ids.val.d1, ids.val.d2}."
        ids.q = q % PRIME
    %}
    assert output_ptr[0] = q;
    let output_ptr = output_ptr + 1;
    return ();
}

func verify_zero_external{output_ptr: felt*}(val: Big3) {
    alloc_locals;
    local q: felt;
    %{ from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_P as SECP_P %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack

        q, r = divmod(pack(ids.val, PRIME), SECP_P)
        assert r == 0, f"verify_zero: Invalid input {ids.val.d0, ids.val.d1, ids.val.d2}."
        ids.q = q % PRIME
    %}
    assert output_ptr[0] = q;
    let output_ptr = output_ptr + 1;
    return ();
}

func verify_zero_v3{output_ptr: felt*}(val: Big3) {
    alloc_locals;
    local q: felt;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        SECP_P = 2**255-19
        to_assert = pack(ids.val, PRIME)
        q, r = divmod(pack(ids.val, PRIME), SECP_P)
        assert r == 0, f"verify_zero: Invalid input {ids.val.d0, ids.val.d1, ids.val.d2}."
        ids.q = q % PRIME
    %}
    assert output_ptr[0] = q;
    let output_ptr = output_ptr + 1;
    return ();
}

func reduce_v2{output_ptr: felt*}(x: Big3) {
    alloc_locals;
    local res: Big3;
    %{ from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_P as SECP_P %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
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

func is_zero_v2{output_ptr: felt*}(x: Big3) {
    alloc_locals;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import SECP_P, pack
        x = pack(ids.x, PRIME) % SECP_P
    %}
    %{ memory[ap] = int(x == 0) %}
    tempvar flag;
    assert output_ptr[0] = flag;
    let output_ptr = output_ptr + 1;
    return ();
}

func is_zero_external_v1{output_ptr: felt*}(x: Big3) {
    alloc_locals;
    %{ from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_P as SECP_P %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack

        x = pack(ids.x, PRIME) % SECP_P
    %}
    %{ memory[ap] = int(x == 0) %}
    tempvar flag;
    assert output_ptr[0] = flag;
    let output_ptr = output_ptr + 1;
    return ();
}

func inverse_external{output_ptr: felt*}(x: Big3) {
    alloc_locals;
    local res: Big3;
    %{ from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_P as SECP_P %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        x = pack(ids.x, PRIME) % SECP_P
    %}
    %{
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

func div_mod_n_external{output_ptr: felt*}(a: Big3, b: Big3) {
    alloc_locals;
    local res: Big3;
    %{ from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_N as N %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import div_mod, safe_div

        a = pack(ids.a, PRIME)
        b = pack(ids.b, PRIME)
        value = res = div_mod(a, b, N)
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

func div_mod_n_plus_one{output_ptr: felt*}(a: Big3, b: Big3) {
    alloc_locals;
    local res: Big3;
    %{ from starkware.cairo.common.cairo_secp.secp256r1_utils import SECP256R1_N as N %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.python.math_utils import div_mod, safe_div

        a = pack(ids.a, PRIME)
        b = pack(ids.b, PRIME)
        value = res = div_mod(a, b, N)
    %}
    %{ value = k_plus_one = safe_div(res * b - a, N) + 1 %}
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

func bigint_div_mod{output_ptr: felt*}(P: Big3, x: Big5, y: Big3) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.cairo.common.math_utils import as_int
        from starkware.python.math_utils import div_mod, safe_div

        p = pack(ids.P, PRIME)
        x = pack(ids.x, PRIME) + as_int(ids.x.d3, PRIME) * ids.BASE ** 3 + as_int(ids.x.d4, PRIME) * ids.BASE ** 4
        y = pack(ids.y, PRIME)

        value = res = div_mod(x, y, p)
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

func bigint_safe_div{output_ptr: felt*}(P: Big3, x: Big5, y: Big3) {
    alloc_locals;
    local res: Big3;
    local flag: felt;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import pack
        from starkware.cairo.common.math_utils import as_int
        from starkware.python.math_utils import div_mod, safe_div

        p = pack(ids.P, PRIME)
        x = pack(ids.x, PRIME) + as_int(ids.x.d3, PRIME) * ids.BASE ** 3 + as_int(ids.x.d4, PRIME) * ids.BASE ** 4
        y = pack(ids.y, PRIME)

        value = res = div_mod(x, y, p)
    %}
    %{
        k = safe_div(res * y - x, p)
        value = k if k > 0 else 0 - k
        ids.flag = 1 if k > 0 else 0
    %}
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import split

        segments.write_arg(ids.res.address_, split(value))
    %}
    assert output_ptr[0] = res.d0;
    assert output_ptr[1] = res.d1;
    assert output_ptr[2] = res.d2;
    assert output_ptr[3] = flag;
    let output_ptr = output_ptr + 4;
    return ();
}

func point_of_x_r1{output_ptr: felt*}(x: Big3, v: felt) {
    alloc_locals;
    local res: Big3;
    %{
        from starkware.cairo.common.cairo_secp.secp_utils import SECP256R1, pack
        from starkware.python.math_utils import y_squared_from_x

        y_square_int = y_squared_from_x(
            x=pack(ids.x, SECP256R1.prime),
            alpha=SECP256R1.alpha,
            beta=SECP256R1.beta,
            field_prime=SECP256R1.prime,
        )

        # Note that (y_square_int ** ((SECP256R1.prime + 1) / 4)) ** 2 =
        #   = y_square_int ** ((SECP256R1.prime + 1) / 2) =
        #   = y_square_int ** ((SECP256R1.prime - 1) / 2 + 1) =
        #   = y_square_int * y_square_int ** ((SECP256R1.prime - 1) / 2) = y_square_int * {+/-}1.
        y = pow(y_square_int, (SECP256R1.prime + 1) // 4, SECP256R1.prime)

        # We need to decide whether to take y or prime - y.
        if ids.v % 2 == y % 2:
            value = y
        else:
            value = (-y) % SECP256R1.prime
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

func n_greater_than_10{output_ptr: felt*}(n: felt) {
    alloc_locals;
    %{ memory[ap] = to_felt_or_relocatable(ids.n >= 10) %}
    tempvar flag;
    assert output_ptr[0] = flag;
    let output_ptr = output_ptr + 1;
    return ();
}

func n_greater_than_2{output_ptr: felt*}(n: felt) {
    alloc_locals;
    %{ memory[ap] = to_felt_or_relocatable(ids.n >= 2) %}
    tempvar flag;
    assert output_ptr[0] = flag;
    let output_ptr = output_ptr + 1;
    return ();
}

func full_word_of_8{output_ptr: felt*}(n_bytes: felt) {
    alloc_locals;
    local full_word: felt;
    %{ ids.full_word = int(ids.n_bytes >= 8) %}
    assert output_ptr[0] = full_word;
    let output_ptr = output_ptr + 1;
    return ();
}

func full_word_of_4{output_ptr: felt*}(n_bytes: felt) {
    alloc_locals;
    local full_word: felt;
    %{ ids.full_word = int(ids.n_bytes >= 4) %}
    assert output_ptr[0] = full_word;
    let output_ptr = output_ptr + 1;
    return ();
}

func split_n_bytes{output_ptr: felt*}(n_bytes: felt) {
    alloc_locals;
    local n_words_to_copy: felt;
    local n_bytes_left: felt;
    %{ ids.n_words_to_copy, ids.n_bytes_left = divmod(ids.n_bytes, ids.BYTES_IN_WORD) %}
    assert output_ptr[0] = n_words_to_copy;
    assert output_ptr[1] = n_bytes_left;
    let output_ptr = output_ptr + 2;
    return ();
}

func permutation_v1{output_ptr: felt*}(keccak_ptr: felt*) {
    alloc_locals;
    %{
        from starkware.cairo.common.cairo_keccak.keccak_utils import keccak_func
        _keccak_state_size_felts = int(ids.KECCAK_STATE_SIZE_FELTS)
        assert 0 <= _keccak_state_size_felts < 100

        output_values = keccak_func(memory.get_range(
            ids.keccak_ptr - _keccak_state_size_felts, _keccak_state_size_felts))
        segments.write_arg(ids.keccak_ptr, output_values)
    %}
    assert output_ptr[0] = keccak_ptr[0];
    assert output_ptr[1] = keccak_ptr[12];
    assert output_ptr[2] = keccak_ptr[24];
    let output_ptr = output_ptr + 3;
    return ();
}

func permutation_v2{output_ptr: felt*}(keccak_ptr_start: felt*, output: felt*) {
    alloc_locals;
    %{
        from starkware.cairo.common.cairo_keccak.keccak_utils import keccak_func
        _keccak_state_size_felts = int(ids.KECCAK_STATE_SIZE_FELTS)
        assert 0 <= _keccak_state_size_felts < 100
        output_values = keccak_func(memory.get_range(
            ids.keccak_ptr_start, _keccak_state_size_felts))
        segments.write_arg(ids.output, output_values)
    %}
    assert output_ptr[0] = output[0];
    assert output_ptr[1] = output[12];
    assert output_ptr[2] = output[24];
    let output_ptr = output_ptr + 3;
    return ();
}

func keccak_finalize_v2{output_ptr: felt*}(keccak_ptr_end: felt*) {
    alloc_locals;
    %{
        # Add dummy pairs of input and output.
        _keccak_state_size_felts = int(ids.KECCAK_STATE_SIZE_FELTS)
        _block_size = int(ids.BLOCK_SIZE)
        assert 0 <= _keccak_state_size_felts < 100
        assert 0 <= _block_size < 1000
        inp = [0] * _keccak_state_size_felts
        padding = (inp + keccak_func(inp)) * _block_size
        segments.write_arg(ids.keccak_ptr_end, padding)
    %}
    assert output_ptr[0] = keccak_ptr_end[0];
    assert output_ptr[1] = keccak_ptr_end[25];
    assert output_ptr[2] = keccak_ptr_end[149];
    let output_ptr = output_ptr + 3;
    return ();
}

func blake2s_finalize_v2{output_ptr: felt*}(blake2s_ptr_end: felt*) {
    alloc_locals;
    %{
        # Add dummy pairs of input and output.
        from starkware.cairo.common.cairo_blake2s.blake2s_utils import IV, blake2s_compress

        _n_packed_instances = int(ids.N_PACKED_INSTANCES)
        assert 0 <= _n_packed_instances < 20
        _blake2s_input_chunk_size_felts = int(ids.BLAKE2S_INPUT_CHUNK_SIZE_FELTS)
        assert 0 <= _blake2s_input_chunk_size_felts < 100

        message = [0] * _blake2s_input_chunk_size_felts
        modified_iv = [IV[0] ^ 0x01010020] + IV[1:]
        output = blake2s_compress(
            message=message,
            h=modified_iv,
            t0=0,
            t1=0,
            f0=0xffffffff,
            f1=0,
        )
        padding = (modified_iv + message + [0, 0xffffffff] + output) * (_n_packed_instances - 1)
        segments.write_arg(ids.blake2s_ptr_end, padding)
    %}
    assert output_ptr[0] = blake2s_ptr_end[0];
    assert output_ptr[1] = blake2s_ptr_end[26];
    assert output_ptr[2] = blake2s_ptr_end[203];
    let output_ptr = output_ptr + 3;
    return ();
}

func blake2s_finalize_v3{output_ptr: felt*}(blake2s_ptr_end: felt*) {
    alloc_locals;
    %{
        # Add dummy pairs of input and output.
        from starkware.cairo.common.cairo_blake2s.blake2s_utils import IV, blake2s_compress

        _n_packed_instances = int(ids.N_PACKED_INSTANCES)
        assert 0 <= _n_packed_instances < 20
        _blake2s_input_chunk_size_felts = int(ids.BLAKE2S_INPUT_CHUNK_SIZE_FELTS)
        assert 0 <= _blake2s_input_chunk_size_felts < 100

        message = [0] * _blake2s_input_chunk_size_felts
        modified_iv = [IV[0] ^ 0x01010020] + IV[1:]
        output = blake2s_compress(
            message=message,
            h=modified_iv,
            t0=0,
            t1=0,
            f0=0xffffffff,
            f1=0,
        )
        padding = (message + modified_iv + [0, 0xffffffff] + output) * (_n_packed_instances - 1)
        segments.write_arg(ids.blake2s_ptr_end, padding)
    %}
    assert output_ptr[0] = blake2s_ptr_end[0];
    assert output_ptr[1] = blake2s_ptr_end[26];
    assert output_ptr[2] = blake2s_ptr_end[203];
    let output_ptr = output_ptr + 3;
    return ();
}

func blake2s_compress{output_ptr: felt*}(blake2s_start: felt*, n_bytes: felt, output: felt*) {
    alloc_locals;
    %{
        from starkware.cairo.common.cairo_blake2s.blake2s_utils import IV, blake2s_compress

        _blake2s_input_chunk_size_felts = int(ids.BLAKE2S_INPUT_CHUNK_SIZE_FELTS)
        assert 0 <= _blake2s_input_chunk_size_felts < 100

        new_state = blake2s_compress(
            message=memory.get_range(ids.blake2s_start, _blake2s_input_chunk_size_felts),
            h=[IV[0] ^ 0x01010020] + IV[1:],
            t0=ids.n_bytes,
            t1=0,
            f0=0xffffffff,
            f1=0,
        )

        segments.write_arg(ids.output, new_state)
    %}
    assert output_ptr[0] = output[0];
    assert output_ptr[1] = output[7];
    let output_ptr = output_ptr + 2;
    return ();
}

func sha256_constant{output_ptr: felt*}(sha256_start: felt*, output: felt*) {
    alloc_locals;
    %{
        from starkware.cairo.common.cairo_sha256.sha256_utils import (
            IV, compute_message_schedule, sha2_compress_function)

        _sha256_input_chunk_size_felts = int(ids.SHA256_INPUT_CHUNK_SIZE_FELTS)
        assert 0 <= _sha256_input_chunk_size_felts < 100

        w = compute_message_schedule(memory.get_range(
            ids.sha256_start, _sha256_input_chunk_size_felts))
        new_state = sha2_compress_function(IV, w)
        segments.write_arg(ids.output, new_state)
    %}
    assert output_ptr[0] = output[0];
    assert output_ptr[1] = output[1];
    assert output_ptr[2] = output[2];
    assert output_ptr[3] = output[3];
    assert output_ptr[4] = output[4];
    assert output_ptr[5] = output[5];
    assert output_ptr[6] = output[6];
    assert output_ptr[7] = output[7];
    let output_ptr = output_ptr + 8;
    return ();
}

func sha256_arbitrary{output_ptr: felt*}(sha256_start: felt*, state: felt*, output: felt*) {
    alloc_locals;
    %{
        from starkware.cairo.common.cairo_sha256.sha256_utils import (
            compute_message_schedule, sha2_compress_function)

        _sha256_input_chunk_size_felts = int(ids.SHA256_INPUT_CHUNK_SIZE_FELTS)
        assert 0 <= _sha256_input_chunk_size_felts < 100
        _sha256_state_size_felts = int(ids.SHA256_STATE_SIZE_FELTS)
        assert 0 <= _sha256_state_size_felts < 100
        w = compute_message_schedule(memory.get_range(
            ids.sha256_start, _sha256_input_chunk_size_felts))
        new_state = sha2_compress_function(memory.get_range(ids.state, _sha256_state_size_felts), w)
        segments.write_arg(ids.output, new_state)
    %}
    assert output_ptr[0] = output[0];
    assert output_ptr[1] = output[1];
    assert output_ptr[2] = output[2];
    assert output_ptr[3] = output[3];
    assert output_ptr[4] = output[4];
    assert output_ptr[5] = output[5];
    assert output_ptr[6] = output[6];
    assert output_ptr[7] = output[7];
    let output_ptr = output_ptr + 8;
    return ();
}

func sha256_finalize{output_ptr: felt*}(sha256_ptr_end: felt*) {
    alloc_locals;
    const BLOCK_SIZE = 7;
    %{
        # Add dummy pairs of input and output.
        from starkware.cairo.common.cairo_sha256.sha256_utils import (
            IV, compute_message_schedule, sha2_compress_function)

        _block_size = int(ids.BLOCK_SIZE)
        assert 0 <= _block_size < 20
        _sha256_input_chunk_size_felts = int(ids.SHA256_INPUT_CHUNK_SIZE_FELTS)
        assert 0 <= _sha256_input_chunk_size_felts < 100

        message = [0] * _sha256_input_chunk_size_felts
        w = compute_message_schedule(message)
        output = sha2_compress_function(IV, w)
        padding = (message + IV + output) * (_block_size - 1)
        segments.write_arg(ids.sha256_ptr_end, padding)
    %}
    assert output_ptr[0] = sha256_ptr_end[0];
    assert output_ptr[1] = sha256_ptr_end[16];
    assert output_ptr[2] = sha256_ptr_end[31];
    assert output_ptr[3] = sha256_ptr_end[191];
    let output_ptr = output_ptr + 4;
    return ();
}

func lowest_bits{output_ptr: felt*}(a: felt, b: felt) {
    alloc_locals;
    local a_lsb: felt;
    local b_lsb: felt;
    %{
        ids.a_lsb = ids.a & 1
        ids.b_lsb = ids.b & 1
    %}
    assert output_ptr[0] = a_lsb;
    assert output_ptr[1] = b_lsb;
    let output_ptr = output_ptr + 2;
    return ();
}

func uint128_add{output_ptr: felt*}(a: felt, b: felt) {
    alloc_locals;
    local carry: felt;
    %{
        res = ids.a + ids.b
        ids.carry = 1 if res >= ids.SHIFT else 0
    %}
    assert output_ptr[0] = carry;
    let output_ptr = output_ptr + 1;
    return ();
}

func uint256_add_low{output_ptr: felt*}(a: Pair, b: Pair) {
    alloc_locals;
    local carry_low: felt;
    %{
        sum_low = ids.a.low + ids.b.low
        ids.carry_low = 1 if sum_low >= ids.SHIFT else 0
    %}
    assert output_ptr[0] = carry_low;
    let output_ptr = output_ptr + 1;
    return ();
}

func uint256_sub{output_ptr: felt*}(a: Pair, b: Pair) {
    alloc_locals;
    local res: Pair;
    %{
        def split(num: int, num_bits_shift: int = 128, length: int = 2):
            a = []
            for _ in range(length):
                a.append( num & ((1 << num_bits_shift) - 1) )
                num = num >> num_bits_shift
            return tuple(a)

        def pack(z, num_bits_shift: int = 128) -> int:
            limbs = (z.low, z.high)
            return sum(limb << (num_bits_shift * i) for i, limb in enumerate(limbs))

        a = pack(ids.a)
        b = pack(ids.b)
        res = (a - b)%2**256
        res_split = split(res)
        ids.res.low = res_split[0]
        ids.res.high = res_split[1]
    %}
    assert output_ptr[0] = res.low;
    assert output_ptr[1] = res.high;
    let output_ptr = output_ptr + 2;
    return ();
}

func uint256_sqrt_felt{output_ptr: felt*}(n: Pair) {
    alloc_locals;
    local root: felt;
    %{
        from starkware.python.math_utils import isqrt
        n = (ids.n.high << 128) + ids.n.low
        root = isqrt(n)
        assert 0 <= root < 2 ** 128
        ids.root = root
    %}
    assert output_ptr[0] = root;
    let output_ptr = output_ptr + 1;
    return ();
}

func uint256_signed_nn{output_ptr: felt*}(a: Pair) {
    alloc_locals;
    %{ memory[ap] = 1 if 0 <= (ids.a.high % PRIME) < 2 ** 127 else 0 %}
    tempvar flag;
    assert output_ptr[0] = flag;
    let output_ptr = output_ptr + 1;
    return ();
}

func uint256_div_expanded{output_ptr: felt*}(a: Pair, div: Wide) {
    alloc_locals;
    local quotient: Pair;
    local remainder: Pair;
    %{
        a = (ids.a.high << 128) + ids.a.low
        div = (ids.div.b23 << 128) + ids.div.b01
        quotient, remainder = divmod(a, div)

        ids.quotient.low = quotient & ((1 << 128) - 1)
        ids.quotient.high = quotient >> 128
        ids.remainder.low = remainder & ((1 << 128) - 1)
        ids.remainder.high = remainder >> 128
    %}
    assert output_ptr[0] = quotient.low;
    assert output_ptr[1] = quotient.high;
    assert output_ptr[2] = remainder.low;
    assert output_ptr[3] = remainder.high;
    let output_ptr = output_ptr + 4;
    return ();
}

func uint768_div_stripped{output_ptr: felt*}(a: Big6, div: Big3) {
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

func uint384_add{output_ptr: felt*}(a: Big3, b: Big3) {
    alloc_locals;
    local carry_d0: felt;
    local carry_d1: felt;
    local carry_d2: felt;
    %{
        sum_d0 = ids.a.d0 + ids.b.d0
        ids.carry_d0 = 1 if sum_d0 >= ids.SHIFT else 0
        sum_d1 = ids.a.d1 + ids.b.d1 + ids.carry_d0
        ids.carry_d1 = 1 if sum_d1 >= ids.SHIFT else 0
        sum_d2 = ids.a.d2 + ids.b.d2 + ids.carry_d1
        ids.carry_d2 = 1 if sum_d2 >= ids.SHIFT else 0
    %}
    assert output_ptr[0] = carry_d0;
    assert output_ptr[1] = carry_d1;
    assert output_ptr[2] = carry_d2;
    let output_ptr = output_ptr + 3;
    return ();
}

func uint384_signed_nn{output_ptr: felt*}(a: Big3) {
    alloc_locals;
    %{ memory[ap] = 1 if 0 <= (ids.a.d2 % PRIME) < 2 ** 127 else 0 %}
    tempvar flag;
    assert output_ptr[0] = flag;
    let output_ptr = output_ptr + 1;
    return ();
}

func chained_ec_op{output_ptr: felt*}(p: EcPoint, m: felt*, q: EcPoint*, len: felt) {
    alloc_locals;
    local s: EcPoint;
    %{
        from starkware.crypto.signature.signature import ALPHA, BETA, FIELD_PRIME
        from starkware.python.math_utils import random_ec_point
        from starkware.python.utils import to_bytes

        n_elms = ids.len
        assert isinstance(n_elms, int) and n_elms >= 0, \
            f'Invalid value for len. Got: {n_elms}.'
        if '__chained_ec_op_max_len' in globals():
            assert n_elms <= __chained_ec_op_max_len, \
                f'chained_ec_op() can only be used with len<={__chained_ec_op_max_len}. ' \
                f'Got: n_elms={n_elms}.'

        # Define a seed for random_ec_point that's dependent on all the input, so that:
        #   (1) The added point s is deterministic.
        #   (2) It's hard to choose inputs for which the builtin will fail.
        seed = b"".join(
            map(
                to_bytes,
                [
                    ids.p.x,
                    ids.p.y,
                    *memory.get_range(ids.m, n_elms),
                    *memory.get_range(ids.q.address_, 2 * n_elms),
                ],
            )
        )
        ids.s.x, ids.s.y = random_ec_point(FIELD_PRIME, ALPHA, BETA, seed)
    %}
    assert output_ptr[0] = s.x;
    assert output_ptr[1] = s.y;
    let output_ptr = output_ptr + 2;
    return ();
}

func main{output_ptr: felt*, range_check_ptr}() {
    alloc_locals;
    let (words: felt*) = alloc();
    assert words[0] = 0x7fffffffffffffff;
    assert words[1] = 0x7fffffffffffcfc6;
    assert words[2] = 0x7fffffffffff9f8d;
    assert words[3] = 0x7fffffffffff6f54;
    assert words[4] = 0x7fffffffffff3f1b;
    assert words[5] = 0x7fffffffffff0ee2;
    assert words[6] = 0x7ffffffffffedea9;
    assert words[7] = 0x7ffffffffffeae70;
    assert words[8] = 0x7ffffffffffe7e37;
    assert words[9] = 0x7ffffffffffe4dfe;
    assert words[10] = 0x7ffffffffffe1dc5;
    assert words[11] = 0x7ffffffffffded8c;
    assert words[12] = 0x7ffffffffffdbd53;
    assert words[13] = 0x7ffffffffffd8d1a;
    assert words[14] = 0x7ffffffffffd5ce1;
    assert words[15] = 0x7ffffffffffd2ca8;
    assert words[16] = 0x7ffffffffffcfc6f;
    assert words[17] = 0x7ffffffffffccc36;
    assert words[18] = 0x7ffffffffffc9bfd;
    assert words[19] = 0x7ffffffffffc6bc4;
    assert words[20] = 0x7ffffffffffc3b8b;
    assert words[21] = 0x7ffffffffffc0b52;
    assert words[22] = 0x7ffffffffffbdb19;
    assert words[23] = 0x7ffffffffffbaae0;
    assert words[24] = 0x7ffffffffffb7aa7;
    let (halves: felt*) = alloc();
    assert halves[0] = 0xffffffff;
    assert halves[1] = 0xfffe1dbe;
    assert halves[2] = 0xfffc3b7d;
    assert halves[3] = 0xfffa593c;
    assert halves[4] = 0xfff876fb;
    assert halves[5] = 0xfff694ba;
    assert halves[6] = 0xfff4b279;
    assert halves[7] = 0xfff2d038;
    assert halves[8] = 0xfff0edf7;
    assert halves[9] = 0xffef0bb6;
    assert halves[10] = 0xffed2975;
    assert halves[11] = 0xffeb4734;
    assert halves[12] = 0xffe964f3;
    assert halves[13] = 0xffe782b2;
    assert halves[14] = 0xffe5a071;
    assert halves[15] = 0xffe3be30;
    le_v06(5, 5);
    le_v08(5, 2 ** 130);
    compute_slope(
        Point(
            Big3(0xe28d959f2815b16f81798, 0xa573a1c2c1c0a6ff36cb7, 0x79be667ef9dcbbac55a06),
            Big3(0x554199c47d08ffb10d4b8, 0x2ff0384422a3f45ed1229a, 0x483ada7726a3c4655da4f),
        ),
        Point(
            Big3(0x2f3ca7abac09b95c709ee5, 0x1ba5701f36171de392e33, 0xc6047f9441ed7d6d30454),
            Big3(0x26d0e1236431a950cfe52a, 0x106519b3abbbdfd8c994c9, 0x1ae168fea63dc339a3c58),
        ),
    );
    double_slope_v3(
        Point(
            Big3(0xe28d959f2815b16f81798, 0xa573a1c2c1c0a6ff36cb7, 0x79be667ef9dcbbac55a06),
            Big3(0x554199c47d08ffb10d4b8, 0x2ff0384422a3f45ed1229a, 0x483ada7726a3c4655da4f),
        ),
    );
    double_slope_v4(
        Point(
            Big3(0x2b33a0f4a13945d898c296, 0x1b958e9103c9dc0df604b7, 0x6b17d1f2e12c4247f8bce),
            Big3(0x315ececbb6406837bf51f5, 0x2d29f03e7858af38cd5dac, 0x4fe342e2fe1a7f9b8ee7e),
        ),
    );
    double_slope_external(
        Point(
            Big3(0x2b33a0f4a13945d898c296, 0x1b958e9103c9dc0df604b7, 0x6b17d1f2e12c4247f8bce),
            Big3(0x315ececbb6406837bf51f5, 0x2d29f03e7858af38cd5dac, 0x4fe342e2fe1a7f9b8ee7e),
        ),
    );
    double_x_v2(
        Point(
            Big3(0x2b33a0f4a13945d898c296, 0x1b958e9103c9dc0df604b7, 0x6b17d1f2e12c4247f8bce),
            Big3(0x315ececbb6406837bf51f5, 0x2d29f03e7858af38cd5dac, 0x4fe342e2fe1a7f9b8ee7e),
        ),
        Big3(0x3fffffffffffffffffff9c, 0x3ff, 0xffffffff0000000100000),
    );
    double_x_v4(
        Point(
            Big3(0xe28d959f2815b16f81798, 0xa573a1c2c1c0a6ff36cb7, 0x79be667ef9dcbbac55a06),
            Big3(0x554199c47d08ffb10d4b8, 0x2ff0384422a3f45ed1229a, 0x483ada7726a3c4655da4f),
        ),
        Big3(0x3ffffffffffffefffffbcc, 0x3fffffffffffffffffffff, 0xfffffffffffffffffffff),
    );
    double_x_r1(
        Point(
            Big3(0x2b33a0f4a13945d898c296, 0x1b958e9103c9dc0df604b7, 0x6b17d1f2e12c4247f8bce),
            Big3(0x315ececbb6406837bf51f5, 0x2d29f03e7858af38cd5dac, 0x4fe342e2fe1a7f9b8ee7e),
        ),
        Big3(0x3, 0x0, 0x800000000000000000000),
    );
    add_x_v3(
        Point(
            Big3(0xe28d959f2815b16f81798, 0xa573a1c2c1c0a6ff36cb7, 0x79be667ef9dcbbac55a06),
            Big3(0x554199c47d08ffb10d4b8, 0x2ff0384422a3f45ed1229a, 0x483ada7726a3c4655da4f),
        ),
        Point(
            Big3(0x2f3ca7abac09b95c709ee5, 0x1ba5701f36171de392e33, 0xc6047f9441ed7d6d30454),
            Big3(0x26d0e1236431a950cfe52a, 0x106519b3abbbdfd8c994c9, 0x1ae168fea63dc339a3c58),
        ),
        Big3(0x5, 0x0, 0x400000000000000000000),
    );
    verify_zero_v2(
        Big3(0x3ffffffffffffcfffff48d, 0x3fffffffffffffffffffff, 0x2fffffffffffffffffffff)
    );
    verify_zero_external(Big3(0x3ffffffffffffffffffffd, 0xbff, 0x2fffffffd0000000300000));
    verify_zero_v3(
        Big3(0x3fffffffffffffffffffa1, 0x3fffffffffffffffffffff, 0x27ffffffffffffffffffff)
    );
    reduce_v2(Big3(0x3fffffffffffffffffffff, 0x3ff, 0xffffffff0000010100000));
    is_zero_v2(Big3(0x3ffffffffffffefffffc2f, 0x3fffffffffffffffffffff, 0xfffffffffffffffffffff));
    is_zero_external_v1(Big3(0x3fffffffffffffffffffff, 0x3ff, 0xffffffff0000000100000));
    inverse_external(Big3(0x6, 0x400, 0xffffffff0000000100000));
    div_mod_n_external(
        Big3(0x1, 0x0, 0x40000000000000000000), Big3(0x9, 0x0, 0x100000000000000000)
    );
    div_mod_n_plus_one(
        Big3(0x1, 0x0, 0x40000000000000000000), Big3(0x9, 0x0, 0x100000000000000000)
    );
    bigint_div_mod(
        Big3(0x3ffffffffffffefffffc2f, 0x3fffffffffffffffffffff, 0xfffffffffffffffffffff),
        Big5(0x4d, 0x0, 0x0, 0x0, 0x100000000000000),
        Big3(0x5, 0x0, 0x10000000),
    );
    bigint_safe_div(
        Big3(0x3ffffffffffffefffffc2f, 0x3fffffffffffffffffffff, 0xfffffffffffffffffffff),
        Big5(0x10000000000000000004d, 0x0, 0x0, 0x0, 0x0),
        Big3(0x5, 0x0, 0x10000000),
    );
    point_of_x_r1(
        Big3(0x2b33a0f4a13945d898c296, 0x1b958e9103c9dc0df604b7, 0x6b17d1f2e12c4247f8bce), 1
    );
    n_greater_than_10(10);
    n_greater_than_2(10);
    full_word_of_8(8);
    full_word_of_4(3);
    split_n_bytes(2 ** 60 + 5);
    permutation_v1(words + 25);
    let (fresh) = alloc();
    permutation_v2(words, fresh);
    let (fresh) = alloc();
    keccak_finalize_v2(fresh);
    let (fresh) = alloc();
    blake2s_finalize_v2(fresh);
    let (fresh) = alloc();
    blake2s_finalize_v3(fresh);
    let (fresh) = alloc();
    blake2s_compress(halves, 64, fresh);
    let (fresh) = alloc();
    sha256_constant(halves, fresh);
    let (fresh) = alloc();
    sha256_arbitrary(halves, halves + 3, fresh);
    let (fresh) = alloc();
    sha256_finalize(fresh);
    lowest_bits(7, 2 ** 200);
    uint128_add(SHIFT - 1, 1);
    uint256_add_low(Pair(SHIFT - 1, 3), Pair(1, 3));
    uint256_sub(Pair(1, 3), Pair(2, 2 ** 127));
    uint256_sqrt_felt(Pair(17, 2 ** 127));
    uint256_signed_nn(Pair(0, 2 ** 127));
    uint256_div_expanded(Pair(2 ** 127 + 1, 2 ** 127), Wide(1, 2, 3, 4, 5));
    uint768_div_stripped(
        Big6(0x63, 0x0, 0x0, 0x0, 0x0, 0x1000000000000000000000000000000),
        Big3(
            0xffffffffffffffffffffffffffffffe1,
            0xffffffffffffffffffffffffffffffff,
            0x7fffffffffffffffffffffffffffffff,
        ),
    );
    uint384_add(
        Big3(
            0xffffffffffffffffffffffffffffffff,
            0xffffffffffffffffffffffffffffffff,
            0xffffffffffffffffffffffffffffffff,
        ),
        Big3(0x1, 0x0, 0x0),
    );
    uint384_signed_nn(
        Big3(
            0xffffffffffffffffffffffffffffffff,
            0xffffffffffffffffffffffffffffffff,
            0x7fffffffffffffffffffffffffffffff,
        ),
    );
    chained_ec_op(EcPoint(7, 8), words, cast(words, EcPoint*), 3);
    return ();
}
