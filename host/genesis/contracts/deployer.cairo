// Deploys contracts for whoever asks, with the two entry points that clients know of the deployers of public networks.
%lang starknet
%builtins pedersen range_check

from starkware.cairo.common.bool import TRUE
from starkware.cairo.common.cairo_builtins import HashBuiltin
from starkware.cairo.common.hash import hash2
from starkware.starknet.common.syscalls import deploy, get_caller_address

@event
func ContractDeployed(
    address: felt, deployer: felt, unique: felt, classHash: felt, calldata_len: felt, calldata: felt*, salt: felt
) {
}

// A unique contract has an address that nobody but the caller can take: its salt is hashed with the caller, and its
// address with this contract. Any other contract has the address that its class, salt and calldata alone give.
@external
func deployContract{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    classHash: felt, salt: felt, unique: felt, calldata_len: felt, calldata: felt*
) -> (address: felt) {
    alloc_locals;
    with_attr error_message("unique is 0 or 1") {
        assert unique * (unique - 1) = 0;
    }
    let (caller) = get_caller_address();
    let (mixed) = hash2{hash_ptr=pedersen_ptr}(caller, salt);
    let (address) = deploy(
        class_hash=classHash,
        contract_address_salt=salt + unique * (mixed - salt),
        constructor_calldata_size=calldata_len,
        constructor_calldata=calldata,
        deploy_from_zero=TRUE - unique,
    );
    ContractDeployed.emit(address, caller, unique, classHash, calldata_len, calldata, salt);
    return (address=address);
}

@external
func deploy_contract{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    class_hash: felt, salt: felt, not_from_zero: felt, calldata_len: felt, calldata: felt*
) -> (address: felt) {
    return deployContract(class_hash, salt, not_from_zero, calldata_len, calldata);
}
