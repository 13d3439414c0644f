// Hints whose text imports modules that are not the compiler's, and odd inputs, of some of which the Rust VM makes something
// else than the Python one: only the former runs this program.
%builtins output

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.default_dict import default_dict_new
from starkware.cairo.common.dict import dict_write
from starkware.cairo.common.dict_access import DictAccess

const MARGIN_CHECK_INITIAL = 1;
const MARKET = 'ETH-USD-PERP';
const SETTLEMENT = 'USDC-USD';

struct Big3 {
    d0: felt,
    d1: felt,
    d2: felt,
}

struct Market {
    name: felt,
    reserved0: felt,
    reserved1: felt,
    reserved2: felt,
    base: felt,
    factor: felt,
    maintenance: felt,
    shift: felt,
}

struct Position {
    market: felt,
    amount: felt,
    cost: felt,
    funding: felt,
}

// What an account has beyond its margin, with a position in one market.
func excess_balance{output_ptr: felt*}(margin_check_type: felt) {
    alloc_locals;
    local market: Market* = new Market(MARKET, 0, 0, 0, 5000000, 20000, 50000000, 20000000000000);
    local position: Position* = new Position(MARKET, 1000000000, 20000, 7);
    let (local prices_cache_ptr: DictAccess*) = default_dict_new(0);
    let (local indices_cache_ptr: DictAccess*) = default_dict_new(0);
    let (local perps_cache_ptr: DictAccess*) = default_dict_new(0);
    let (local fees_cache_ptr: DictAccess*) = default_dict_new(0);
    let (local perps_balances_cache_ptr: DictAccess*) = default_dict_new(0);
    dict_write{dict_ptr=prices_cache_ptr}(MARKET, 5100000000000);
    dict_write{dict_ptr=prices_cache_ptr}(SETTLEMENT, 100000000);
    dict_write{dict_ptr=indices_cache_ptr}(MARKET, 3);
    dict_write{dict_ptr=perps_cache_ptr}(MARKET, cast(market, felt));
    dict_write{dict_ptr=fees_cache_ptr}(200, 10000);
    dict_write{dict_ptr=perps_balances_cache_ptr}(MARKET, cast(position, felt));
    local account = 200;
    local token_assets_value_d = 1005149999998000;
    local check_account_value;
    local check_excess_balance;
    local check_margin_requirement_d;
    local check_unrealized_pnl_d;
    %{
        from excess_balance import excess_balance_func

        res = excess_balance_func(ids, memory, __dict_manager)

        ids.check_account_value = res["account_value"]
        ids.check_excess_balance = res["excess_balance"]
        ids.check_margin_requirement_d = res["margin_requirement"]
        ids.check_unrealized_pnl_d = res["unrealized_pnl"]
    %}
    assert output_ptr[0] = check_account_value;
    assert output_ptr[1] = check_excess_balance;
    assert output_ptr[2] = check_margin_requirement_d;
    assert output_ptr[3] = check_unrealized_pnl_d;
    let output_ptr = output_ptr + 4;
    return ();
}

// A product modulo the prime of the field of BLS12-381.
func bls_product{output_ptr: felt*}(a: Big3, b: Big3) {
    alloc_locals;
    local q: Big3;
    local res: Big3;
    %{
        from starkware.starknet.core.os.data_availability.bls_utils import BLS_PRIME, pack, split

        a = pack(ids.a, PRIME)
        b = pack(ids.b, PRIME)

        q, r = divmod(a * b, BLS_PRIME)

        # By the assumption: |a|, |b| < 2**104 * ((2**86) ** 2 + 2**86 + 1) < 2**276.001.
        # Therefore |q| <= |ab| / BLS_PRIME < 2**299.
        # Hence the absolute value of the high limb of split(q) < 2**127.
        segments.write_arg(ids.q.address_, split(q))
        segments.write_arg(ids.res.address_, split(r))
    %}
    assert output_ptr[0] = q.d0;
    assert output_ptr[1] = q.d1;
    assert output_ptr[2] = q.d2;
    assert output_ptr[3] = res.d0;
    assert output_ptr[4] = res.d1;
    assert output_ptr[5] = res.d2;
    let output_ptr = output_ptr + 6;
    return ();
}

struct Pair {
    low: felt,
    high: felt,
}

// A half of a number that is too wide: what is above 2^256 stays in the high half of the difference.
func wide_difference{output_ptr: felt*}(a: Pair, b: Pair) {
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

// The same for a remainder.
func wide_remainder{output_ptr: felt*}(a: Pair, div: Pair) {
    alloc_locals;
    local quotient: Pair;
    local remainder: Pair;
    %{
        a = (ids.a.high << 128) + ids.a.low
        div = (ids.div.high << 128) + ids.div.low
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

// Words of a number that is too wide.
func wide_words{output_ptr: felt*}(low: felt, high: felt) {
    let inputs = output_ptr;
    %{
        segments.write_arg(ids.inputs, [ids.low % 2 ** 64, ids.low // 2 ** 64])
        segments.write_arg(ids.inputs + 2, [ids.high % 2 ** 64, ids.high // 2 ** 64])
    %}
    let output_ptr = output_ptr + 4;
    return ();
}

// A set of one element, behind which stands the one that is looked for.
func behind_the_set{output_ptr: felt*}() {
    alloc_locals;
    local index;
    local is_elm_in_set;
    let (set_ptr: felt*) = alloc();
    assert set_ptr[0] = 1;
    assert set_ptr[1] = 2;
    assert set_ptr[2] = 3;
    assert set_ptr[3] = 4;
    let set_end_ptr = set_ptr + 2;
    let elm_ptr = set_ptr + 2;
    let elm_size = 2;
    %{
        assert ids.elm_size > 0
        assert ids.set_ptr <= ids.set_end_ptr
        elm_list = memory.get_range(ids.elm_ptr, ids.elm_size)
        for i in range(0, ids.set_end_ptr - ids.set_ptr, ids.elm_size):
            if memory.get_range(ids.set_ptr + i, ids.elm_size) == elm_list:
                ids.index = i // ids.elm_size
                ids.is_elm_in_set = 1
                break
        else:
            ids.is_elm_in_set = 0
    %}
    assert output_ptr[0] = index;
    assert output_ptr[1] = is_elm_in_set;
    let output_ptr = output_ptr + 2;
    return ();
}

func main{output_ptr: felt*}() {
    wide_difference(Pair(2 ** 130, 2 ** 200), Pair(3, 7));
    wide_difference(Pair(2 ** 130, 7), Pair(3, 2 ** 200));
    wide_remainder(Pair(2 ** 130, 2 ** 200), Pair(3, 2 ** 199 + 1));
    wide_words(2 ** 200 + 5, 2 ** 129 + 7);
    behind_the_set();
    excess_balance(MARGIN_CHECK_INITIAL);
    excess_balance(MARGIN_CHECK_INITIAL + 1);
    bls_product(Big3(1, 0, 2 ** 84), Big3(9, 5, 2 ** 83 + 1));
    bls_product(Big3(-1, 0, 2 ** 84), Big3(9, -5, 2 ** 83 + 1));
    return ();
}
