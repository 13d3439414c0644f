// A collection of tokens that each exist once, as ERC-721 describes it. Anyone mints; the tokens are numbered from 0 on.
%lang starknet
%builtins pedersen range_check

from starkware.cairo.common.bool import TRUE
from starkware.cairo.common.cairo_builtins import HashBuiltin
from starkware.cairo.common.math import assert_not_zero
from starkware.cairo.common.uint256 import Uint256, uint256_add, uint256_check, uint256_sub
from starkware.starknet.common.syscalls import get_caller_address

@event
func Transfer(from_: felt, to: felt, tokenId: Uint256) {
}

@event
func Approval(owner: felt, approved: felt, tokenId: Uint256) {
}

@event
func ApprovalForAll(owner: felt, operator: felt, approved: felt) {
}

@storage_var
func ERC721_owners(token_id: Uint256) -> (owner: felt) {
}

@storage_var
func ERC721_balances(owner: felt) -> (balance: Uint256) {
}

@storage_var
func ERC721_token_approvals(token_id: Uint256) -> (approved: felt) {
}

@storage_var
func ERC721_operator_approvals(owner: felt, operator: felt) -> (approved: felt) {
}

@storage_var
func ERC721_minted() -> (count: Uint256) {
}

@view
func ownerOf{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(tokenId: Uint256) -> (
    owner: felt
) {
    uint256_check(tokenId);
    let (owner) = ERC721_owners.read(tokenId);
    with_attr error_message("there is no such token") {
        assert_not_zero(owner);
    }
    return (owner=owner);
}

@view
func balanceOf{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(owner: felt) -> (
    balance: Uint256
) {
    return ERC721_balances.read(owner);
}

@view
func totalSupply{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}() -> (
    supply: Uint256
) {
    let (count) = ERC721_minted.read();
    return (supply=count);
}

@view
func getApproved{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    tokenId: Uint256
) -> (approved: felt) {
    ownerOf(tokenId);
    return ERC721_token_approvals.read(tokenId);
}

@view
func isApprovedForAll{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    owner: felt, operator: felt
) -> (approved: felt) {
    return ERC721_operator_approvals.read(owner, operator);
}

@external
func approve{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    to: felt, tokenId: Uint256
) {
    alloc_locals;
    let (owner) = ownerOf(tokenId);
    let (caller) = get_caller_address();
    let (operates) = ERC721_operator_approvals.read(owner, caller);
    with_attr error_message("the caller neither owns the token nor acts for who does") {
        assert (caller - owner) * (operates - TRUE) = 0;
    }
    ERC721_token_approvals.write(tokenId, to);
    Approval.emit(owner, to, tokenId);
    return ();
}

@external
func setApprovalForAll{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    operator: felt, approved: felt
) {
    with_attr error_message("approved is 0 or 1") {
        assert approved * (approved - 1) = 0;
    }
    let (owner) = get_caller_address();
    ERC721_operator_approvals.write(owner, operator, approved);
    ApprovalForAll.emit(owner, operator, approved);
    return ();
}

@external
func transferFrom{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    from_: felt, to: felt, tokenId: Uint256
) {
    alloc_locals;
    let (owner) = ownerOf(tokenId);
    let (caller) = get_caller_address();
    let (approved) = ERC721_token_approvals.read(tokenId);
    let (operates) = ERC721_operator_approvals.read(owner, caller);
    with_attr error_message("the caller may not move the token") {
        assert (caller - owner) * (caller - approved) * (operates - TRUE) = 0;
    }
    with_attr error_message("the token belongs to somebody else") {
        assert from_ = owner;
    }
    ERC721_token_approvals.write(tokenId, 0);
    let (had) = ERC721_balances.read(from_);
    let (rest) = uint256_sub(had, Uint256(1, 0));
    ERC721_balances.write(from_, rest);
    give(from_, to, tokenId);
    return ();
}

@external
func mint{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(to: felt) -> (
    tokenId: Uint256
) {
    alloc_locals;
    let (id) = ERC721_minted.read();
    let (count, _) = uint256_add(id, Uint256(1, 0));
    ERC721_minted.write(count);
    give(0, to, id);
    return (tokenId=id);
}

// Makes a token that nobody owns, or no longer, that of an account.
func give{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    from_: felt, to: felt, token_id: Uint256
) {
    alloc_locals;
    with_attr error_message("a token has an owner") {
        assert_not_zero(to);
    }
    let (has) = ERC721_balances.read(to);
    let (more, _) = uint256_add(has, Uint256(1, 0));
    ERC721_balances.write(to, more);
    ERC721_owners.write(token_id, to);
    Transfer.emit(from_, to, token_id);
    return ();
}
