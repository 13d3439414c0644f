// A token as ERC-20 describes it, with balances of 256 bits in two cells each, laid out as those of Starknet's fee tokens.
%lang starknet
%builtins pedersen range_check

from starkware.cairo.common.cairo_builtins import HashBuiltin
from starkware.cairo.common.uint256 import Uint256, uint256_add, uint256_check, uint256_le, uint256_sub
from starkware.starknet.common.syscalls import get_caller_address

@event
func Transfer(from_: felt, to: felt, value: Uint256) {
}

@event
func Approval(owner: felt, spender: felt, value: Uint256) {
}

@storage_var
func ERC20_balances(account: felt) -> (balance: Uint256) {
}

@storage_var
func ERC20_allowances(owner: felt, spender: felt) -> (remaining: Uint256) {
}

@storage_var
func ERC20_total_supply() -> (supply: Uint256) {
}

@storage_var
func ERC20_name() -> (name: felt) {
}

@storage_var
func ERC20_symbol() -> (symbol: felt) {
}

@storage_var
func ERC20_decimals() -> (decimals: felt) {
}

// All that there is of the token belongs to the recipient.
@constructor
func constructor{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    name: felt, symbol: felt, decimals: felt, supply: Uint256, recipient: felt
) {
    with_attr error_message("the supply is no number of 256 bits") {
        uint256_check(supply);
    }
    ERC20_name.write(name);
    ERC20_symbol.write(symbol);
    ERC20_decimals.write(decimals);
    ERC20_total_supply.write(supply);
    ERC20_balances.write(recipient, supply);
    Transfer.emit(0, recipient, supply);
    return ();
}

@view
func name{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}() -> (name: felt) {
    return ERC20_name.read();
}

@view
func symbol{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}() -> (symbol: felt) {
    return ERC20_symbol.read();
}

@view
func decimals{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}() -> (decimals: felt) {
    return ERC20_decimals.read();
}

@view
func balanceOf{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(account: felt) -> (
    balance: Uint256
) {
    return ERC20_balances.read(account);
}

// The names of these functions in public tokens are of two kinds, and clients use either.
@view
func balance_of{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(account: felt) -> (
    balance: Uint256
) {
    return balanceOf(account);
}

@view
func total_supply{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}() -> (
    supply: Uint256
) {
    return totalSupply();
}

@external
func transfer_from{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    sender: felt, recipient: felt, amount: Uint256
) -> (success: felt) {
    return transferFrom(sender, recipient, amount);
}

@view
func allowance{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    owner: felt, spender: felt
) -> (remaining: Uint256) {
    return ERC20_allowances.read(owner, spender);
}

@view
func totalSupply{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}() -> (
    supply: Uint256
) {
    return ERC20_total_supply.read();
}

@external
func transfer{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    recipient: felt, amount: Uint256
) -> (success: felt) {
    let (sender) = get_caller_address();
    move(sender, recipient, amount);
    return (success=1);
}

@external
func transferFrom{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    sender: felt, recipient: felt, amount: Uint256
) -> (success: felt) {
    alloc_locals;
    let (caller) = get_caller_address();
    let (remaining) = ERC20_allowances.read(sender, caller);
    with_attr error_message("the allowance is too small") {
        let (enough) = uint256_le(amount, remaining);
        assert enough = 1;
    }
    let (rest) = uint256_sub(remaining, amount);
    ERC20_allowances.write(sender, caller, rest);
    move(sender, recipient, amount);
    return (success=1);
}

@external
func approve{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    spender: felt, amount: Uint256
) -> (success: felt) {
    alloc_locals;
    uint256_check(amount);
    let (owner) = get_caller_address();
    ERC20_allowances.write(owner, spender, amount);
    Approval.emit(owner, spender, amount);
    return (success=1);
}

// Moves an amount from one balance to another.
func move{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    sender: felt, recipient: felt, amount: Uint256
) {
    alloc_locals;
    with_attr error_message("the amount is no number of 256 bits") {
        uint256_check(amount);
    }
    let (have) = ERC20_balances.read(sender);
    with_attr error_message("the balance is too small") {
        let (enough) = uint256_le(amount, have);
        assert enough = 1;
    }
    let (rest) = uint256_sub(have, amount);
    ERC20_balances.write(sender, rest);
    let (old) = ERC20_balances.read(recipient);
    with_attr error_message("the balance of the recipient is too large") {
        let (sum, carry) = uint256_add(old, amount);
        assert carry = 0;
    }
    ERC20_balances.write(recipient, sum);
    Transfer.emit(sender, recipient, amount);
    return ();
}
