// A pool of two tokens that trades one for the other at the ratio of its reserves. Their product never falls: of what
// comes in, 3 in 1000 stay with the pool. Who has put tokens in holds shares of both reserves.
%lang starknet
%builtins pedersen range_check

from starkware.cairo.common.cairo_builtins import HashBuiltin
from starkware.cairo.common.math import assert_not_equal
from starkware.cairo.common.uint256 import (
    Uint256,
    uint256_add,
    uint256_check,
    uint256_le,
    uint256_lt,
    uint256_mul,
    uint256_sub,
    uint256_unsigned_div_rem,
)
from starkware.starknet.common.syscalls import get_caller_address, get_contract_address

@contract_interface
namespace Token {
    func transfer(recipient: felt, amount: Uint256) -> (success: felt) {
    }

    func transferFrom(sender: felt, recipient: felt, amount: Uint256) -> (success: felt) {
    }
}

// Reserves and shares stay below 2^112, so that no product of two of them and 1000 leaves 256 bits.
const BOUND = 2 ** 112;

@event
func Swap(trader: felt, token_in: felt, amount_in: Uint256, amount_out: Uint256) {
}

@event
func Liquidity(owner: felt, reserve0: Uint256, reserve1: Uint256, owned: Uint256) {
}

// The tokens by side, 0 and 1.
@storage_var
func token(side: felt) -> (address: felt) {
}

@storage_var
func reserve(side: felt) -> (amount: Uint256) {
}

@storage_var
func shares(owner: felt) -> (amount: Uint256) {
}

@storage_var
func all_shares() -> (amount: Uint256) {
}

@constructor
func constructor{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    token0: felt, token1: felt
) {
    with_attr error_message("a pool has two tokens") {
        assert_not_equal(token0, token1);
    }
    token.write(0, token0);
    token.write(1, token1);
    return ();
}

@view
func reserves{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}() -> (
    reserve0: Uint256, reserve1: Uint256
) {
    let (reserve0) = reserve.read(0);
    let (reserve1) = reserve.read(1);
    return (reserve0=reserve0, reserve1=reserve1);
}

@view
func sharesOf{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(owner: felt) -> (
    amount: Uint256
) {
    return shares.read(owner);
}

// Takes an amount of one token, which the caller has approved, and gives at least so much of the other.
@external
func swap{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    token_in: felt, amount_in: Uint256, at_least: Uint256
) -> (amount_out: Uint256) {
    alloc_locals;
    let (local token0) = token.read(0);
    let (local token1) = token.read(1);
    with_attr error_message("the pool does not have this token") {
        assert (token_in - token0) * (token_in - token1) = 0;
    }
    let (local trader) = get_caller_address();
    local syscall_ptr: felt* = syscall_ptr;
    if (token_in == token0) {
        let (out) = trade(trader, 0, token0, token1, amount_in, at_least);
        return (amount_out=out);
    }
    let (out) = trade(trader, 1, token1, token0, amount_in, at_least);
    return (amount_out=out);
}

// Trades what comes in at a side.
func trade{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    trader: felt, side: felt, token_in: felt, token_out: felt, amount_in: Uint256, at_least: Uint256
) -> (amount_out: Uint256) {
    alloc_locals;
    let (reserve_in) = reserve.read(side);
    let (reserve_out) = reserve.read(1 - side);
    let (more) = grown(reserve_in, amount_in);
    let (amount_out) = price(amount_in, reserve_in, reserve_out);
    with_attr error_message("the trade gives less than asked for") {
        uint256_check(at_least);
        let (enough) = uint256_le(at_least, amount_out);
        assert enough = 1;
    }
    let (less) = uint256_sub(reserve_out, amount_out);
    reserve.write(side, more);
    reserve.write(1 - side, less);
    take(token_in, trader, amount_in);
    pay(token_out, trader, amount_out);
    Swap.emit(trader, token_in, amount_in, amount_out);
    return (amount_out=amount_out);
}

// What an amount buys: out * 997 in' / (1000 in + 997 in'), rounded down.
func price{range_check_ptr}(amount_in: Uint256, reserve_in: Uint256, reserve_out: Uint256) -> (
    amount_out: Uint256
) {
    alloc_locals;
    let (net, _) = uint256_mul(amount_in, Uint256(997, 0));
    let (above, _) = uint256_mul(net, reserve_out);
    let (scaled, _) = uint256_mul(reserve_in, Uint256(1000, 0));
    let (below, _) = uint256_add(scaled, net);
    with_attr error_message("the pool is empty") {
        let (some) = uint256_lt(Uint256(0, 0), reserve_out);
        assert some = 1;
    }
    let (amount_out, _) = uint256_unsigned_div_rem(above, below);
    return (amount_out=amount_out);
}

// Adds an amount of token 0 and as much of token 1 as the reserves have for it; or both amounts, to an empty pool. Of token 1
// it takes no more than the amount that is given.
@external
func addLiquidity{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    amount0: Uint256, amount1: Uint256
) -> (minted: Uint256) {
    alloc_locals;
    let (reserve0) = reserve.read(0);
    let (reserve1) = reserve.read(1);
    let (all) = all_shares.read();
    let (new0) = grown(reserve0, amount0);
    let (minted, needed) = bought(amount0, amount1, reserve0, reserve1, all);
    with_attr error_message("this takes more of the second token") {
        uint256_check(amount1);
        let (enough) = uint256_le(needed, amount1);
        assert enough = 1;
    }
    let (new1) = grown(reserve1, needed);
    let (owner) = get_caller_address();
    let (old) = shares.read(owner);
    let (owned) = grown(old, minted);
    let (total) = grown(all, minted);
    settle(owner, new0, new1, total, owned);
    let (token0) = token.read(0);
    let (token1) = token.read(1);
    take(token0, owner, amount0);
    take(token1, owner, needed);
    return (minted=minted);
}

// The shares that amount0 buys, and what that takes of token 1.
func bought{range_check_ptr}(
    amount0: Uint256, amount1: Uint256, reserve0: Uint256, reserve1: Uint256, all: Uint256
) -> (minted: Uint256, needed: Uint256) {
    alloc_locals;
    if (all.low + all.high == 0) {
        return (minted=amount0, needed=amount1);
    }
    let (part) = share(amount0, all, reserve0);
    let (exact) = share(amount0, reserve1, reserve0);
    let (above, _) = uint256_add(exact, Uint256(1, 0));
    return (minted=part, needed=above);
}

// Gives shares back for what they are of the reserves, rounded down.
@external
func removeLiquidity{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    burnt: Uint256
) -> (amount0: Uint256, amount1: Uint256) {
    alloc_locals;
    let (owner) = get_caller_address();
    let (old) = shares.read(owner);
    with_attr error_message("the caller has fewer shares") {
        uint256_check(burnt);
        let (enough) = uint256_le(burnt, old);
        assert enough = 1;
    }
    with_attr error_message("the caller has no shares") {
        let (some) = uint256_lt(Uint256(0, 0), burnt);
        assert some = 1;
    }
    let (all) = all_shares.read();
    let (reserve0) = reserve.read(0);
    let (reserve1) = reserve.read(1);
    let (amount0) = share(burnt, reserve0, all);
    let (amount1) = share(burnt, reserve1, all);
    let (rest) = uint256_sub(old, burnt);
    let (new0) = uint256_sub(reserve0, amount0);
    let (new1) = uint256_sub(reserve1, amount1);
    let (total) = uint256_sub(all, burnt);
    settle(owner, new0, new1, total, rest);
    let (token0) = token.read(0);
    let (token1) = token.read(1);
    pay(token0, owner, amount0);
    pay(token1, owner, amount1);
    return (amount0=amount0, amount1=amount1);
}

// Writes what a change of liquidity leaves: the reserves, all shares, and those of who made it.
func settle{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    owner: felt, reserve0: Uint256, reserve1: Uint256, total: Uint256, owned: Uint256
) {
    reserve.write(0, reserve0);
    reserve.write(1, reserve1);
    all_shares.write(total);
    shares.write(owner, owned);
    Liquidity.emit(owner, reserve0, reserve1, owned);
    return ();
}

// part of whole in the ratio of amount to all, rounded down: amount * whole / all.
func share{range_check_ptr}(amount: Uint256, whole: Uint256, all: Uint256) -> (part: Uint256) {
    let (product, _) = uint256_mul(amount, whole);
    let (part, _) = uint256_unsigned_div_rem(product, all);
    return (part=part);
}

// What a pool counts, with an amount more. It must stay below the bound.
func grown{range_check_ptr}(old: Uint256, amount: Uint256) -> (sum: Uint256) {
    alloc_locals;
    with_attr error_message("the amount is too large for the pool") {
        uint256_check(amount);
        let (sum, carry) = uint256_add(old, amount);
        assert carry = 0;
        let (fits) = uint256_lt(sum, Uint256(BOUND, 0));
        assert fits = 1;
    }
    return (sum=sum);
}

// Moves tokens from a trader to this pool.
func take{syscall_ptr: felt*, range_check_ptr}(address: felt, from_: felt, amount: Uint256) {
    let (own) = get_contract_address();
    let (success) = Token.transferFrom(address, from_, own, amount);
    with_attr error_message("the token did not come") {
        assert success = 1;
    }
    return ();
}

// Moves tokens from this pool to a trader.
func pay{syscall_ptr: felt*, range_check_ptr}(address: felt, to: felt, amount: Uint256) {
    let (success) = Token.transfer(address, to, amount);
    with_attr error_message("the token did not go") {
        assert success = 1;
    }
    return ();
}
