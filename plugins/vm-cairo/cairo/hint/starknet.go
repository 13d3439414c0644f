package hint

// systemCalls are the system calls that classes of Cairo 0 can make.
var systemCalls = []string{
	"call_contract", "delegate_call", "delegate_l1_handler", "deploy", "emit_event", "get_block_number", "get_block_timestamp",
	"get_caller_address", "get_contract_address", "get_sequencer_address", "get_tx_info", "get_tx_signature", "library_call",
	"library_call_l1_handler", "replace_class", "send_message_to_l1", "storage_read", "storage_write",
}

// Starknet returns what [Standard] returns and the system calls, which the [Syscalls] of a run execute. Which one it is
// stands in memory, so all hints of that kind do the same.
func Starknet() Library {
	lib := Standard()
	for _, name := range systemCalls {
		lib["syscall_handler."+name+"(segments=segments, syscall_ptr=ids.syscall_ptr)"] = systemCall
	}
	return lib
}

func systemCall(c *Call) {
	at := c.Value("syscall_ptr")
	switch {
	case c.Failed():
	case c.run.syscalls == nil:
		c.fail(ErrNoSyscalls)
	default:
		c.fail(c.run.syscalls.Syscall(c.run.vm, at))
	}
}
