// A bridge of one token. A deposit on L1 arrives as a message and is paid out of what the bridge holds; a withdrawal goes into the
// bridge, and a message says on L1 whom to pay.
%lang starknet
%builtins pedersen range_check

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.cairo_builtins import HashBuiltin
from starkware.cairo.common.math import assert_le_felt, assert_not_zero
from starkware.cairo.common.uint256 import Uint256
from starkware.starknet.common.messages import send_message_to_l1
from starkware.starknet.common.syscalls import get_caller_address, get_contract_address

@contract_interface
namespace Token {
    func transfer(recipient: felt, amount: Uint256) -> (success: felt) {
    }

    func transferFrom(sender: felt, recipient: felt, amount: Uint256) -> (success: felt) {
    }
}

// The largest address on L1.
const MAX_L1_ADDRESS = 2 ** 160 - 1;

@event
func Deposit(to: felt, amount: Uint256) {
}

@event
func Withdrawal(from_: felt, l1_recipient: felt, amount: Uint256) {
}

@storage_var
func token() -> (address: felt) {
}

// The contract on L1 that messages come from and go to.
@storage_var
func l1_bridge() -> (address: felt) {
}

@constructor
func constructor{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    token_: felt, l1_bridge_: felt
) {
    token.write(token_);
    l1_bridge.write(l1_bridge_);
    return ();
}

@l1_handler
func deposit{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    from_address: felt, to: felt, amount: Uint256
) {
    let (known) = l1_bridge.read();
    with_attr error_message("the message does not come from the bridge on L1") {
        assert from_address = known;
    }
    let (address) = token.read();
    let (success) = Token.transfer(address, to, amount);
    with_attr error_message("the token was not transferred") {
        assert success = 1;
    }
    Deposit.emit(to, amount);
    return ();
}

// Takes an amount of the token, which the caller has approved.
@external
func withdraw{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    l1_recipient: felt, amount: Uint256
) {
    alloc_locals;
    with_attr error_message("the recipient is no address on L1") {
        assert_not_zero(l1_recipient);
        assert_le_felt(l1_recipient, MAX_L1_ADDRESS);
    }
    let (caller) = get_caller_address();
    let (this) = get_contract_address();
    let (address) = token.read();
    let (success) = Token.transferFrom(address, caller, this, amount);
    with_attr error_message("the token was not transferred") {
        assert success = 1;
    }
    let (payload: felt*) = alloc();
    assert payload[0] = l1_recipient;
    assert payload[1] = amount.low;
    assert payload[2] = amount.high;
    let (to) = l1_bridge.read();
    send_message_to_l1(to, 3, payload);
    Withdrawal.emit(caller, l1_recipient, amount);
    return ();
}
