package hint

import "github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"

// Syscalls executes the system calls of contracts of Cairo 0. The hints that make them belong to a [Library], which
// many runs share; who executes them belongs to one run, see [Run.SetSyscalls].
type Syscalls interface {
	// Syscall executes the system call of that name, such as "storage_read", whose request begins at ptr. An error
	// ends the run as the failure of the hint.
	Syscall(c *Call, name string, ptr machine.Address) error
}

// syscallNames are the system calls of Cairo 0.
//
// Source: starkware-libs/cairo-lang, src/starkware/starknet/common/syscalls.cairo.
var syscallNames = [...]string{
	"call_contract", "delegate_call", "delegate_l1_handler", "deploy", "emit_event", "get_block_number",
	"get_block_timestamp", "get_caller_address", "get_contract_address", "get_sequencer_address", "get_tx_info",
	"get_tx_signature", "library_call", "library_call_l1_handler", "replace_class", "send_message_to_l1",
	"storage_read", "storage_write",
}

// AddSyscalls adds the hints that make system calls to lib. A run without [Syscalls] fails at them as at hints that nobody
// knows.
func AddSyscalls(lib Library) {
	for _, name := range syscallNames {
		code := "syscall_handler." + name + "(segments=segments, syscall_ptr=ids.syscall_ptr)"
		lib[code] = func(c *Call) {
			if c.run.syscalls == nil {
				c.fail(&Error{ErrUnknown, "Unknown Hint: " + code})
				return
			}
			if ptr := c.Pointer("syscall_ptr"); !c.Failed() {
				c.fail(c.run.syscalls.Syscall(c, name, ptr))
			}
		}
	}
}

// SetSyscalls says who executes the system calls of the run.
func (r *Run) SetSyscalls(s Syscalls) { r.syscalls = s }
