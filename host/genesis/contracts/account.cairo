// An account with one ECDSA key. Its calls are those of the first accounts of Starknet: a list of calls, and the
// calldata of all of them behind it.
%lang starknet
%builtins pedersen range_check ecdsa

from starkware.cairo.common.alloc import alloc
from starkware.cairo.common.cairo_builtins import HashBuiltin, SignatureBuiltin
from starkware.cairo.common.memcpy import memcpy
from starkware.cairo.common.signature import verify_ecdsa_signature
from starkware.starknet.common.syscalls import call_contract, get_caller_address, get_tx_info

struct CallArray {
    to: felt,
    selector: felt,
    data_offset: felt,
    data_len: felt,
}

@storage_var
func public_key() -> (key: felt) {
}

@constructor
func constructor{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(key: felt) {
    public_key.write(key);
    return ();
}

// Fails unless the transaction is signed with the key of the account.
func check_signature{
    syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr, ecdsa_ptr: SignatureBuiltin*
}() {
    let (tx) = get_tx_info();
    let (key) = public_key.read();
    with_attr error_message("a signature has two felts") {
        assert tx.signature_len = 2;
    }
    verify_ecdsa_signature(
        message=tx.transaction_hash, public_key=key, signature_r=tx.signature[0], signature_s=tx.signature[1]
    );
    return ();
}

@external
func __validate__{
    syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr, ecdsa_ptr: SignatureBuiltin*
}(call_array_len: felt, call_array: CallArray*, calldata_len: felt, calldata: felt*) {
    check_signature();
    return ();
}

@external
func __validate_declare__{
    syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr, ecdsa_ptr: SignatureBuiltin*
}(class_hash: felt) {
    check_signature();
    return ();
}

@external
func __validate_deploy__{
    syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr, ecdsa_ptr: SignatureBuiltin*
}(class_hash: felt, contract_address_salt: felt, key: felt) {
    check_signature();
    return ();
}

@external
@raw_output
func __execute__{syscall_ptr: felt*, pedersen_ptr: HashBuiltin*, range_check_ptr}(
    call_array_len: felt, call_array: CallArray*, calldata_len: felt, calldata: felt*
) -> (retdata_size: felt, retdata: felt*) {
    alloc_locals;
    let (caller) = get_caller_address();
    with_attr error_message("only the system may call this") {
        assert caller = 0;
    }
    let (local retdata: felt*) = alloc();
    let (size) = execute_calls(call_array_len, call_array, calldata, retdata);
    return (retdata_size=size, retdata=retdata);
}

// Makes the calls, one after the other, and writes what they return to retdata.
func execute_calls{syscall_ptr: felt*}(
    call_array_len: felt, call_array: CallArray*, calldata: felt*, retdata: felt*
) -> (size: felt) {
    alloc_locals;
    if (call_array_len == 0) {
        return (size=0);
    }
    let next = call_array[0];
    let (local size, data) = call_contract(
        contract_address=next.to,
        function_selector=next.selector,
        calldata_size=next.data_len,
        calldata=calldata + next.data_offset,
    );
    memcpy(retdata, data, size);
    let (rest) = execute_calls(
        call_array_len - 1, call_array + CallArray.SIZE, calldata, retdata + size
    );
    return (size=size + rest);
}
