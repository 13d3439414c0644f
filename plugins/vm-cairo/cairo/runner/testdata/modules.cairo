// Hints whose text imports modules that are not the compiler's: the Python VM cannot run this program, the Rust one can.
%builtins output

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

func main{output_ptr: felt*}() {
    excess_balance(MARGIN_CHECK_INITIAL);
    excess_balance(MARGIN_CHECK_INITIAL + 1);
    bls_product(Big3(1, 0, 2 ** 84), Big3(9, 5, 2 ** 83 + 1));
    bls_product(Big3(-1, 0, 2 ** 84), Big3(9, -5, 2 ** 83 + 1));
    return ();
}
