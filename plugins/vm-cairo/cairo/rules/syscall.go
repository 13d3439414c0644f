package rules

import (
	"encoding/json"
	"fmt"
)

// Syscall is something that a contract asks the operating system for.
type Syscall uint8

// The system calls, and the parts of them that have a cost of their own.
const (
	CallContract Syscall = iota
	DelegateCall
	DelegateL1Handler
	Deploy
	EmitEvent
	GetBlockHash
	GetBlockNumber
	GetBlockTimestamp
	GetCallerAddress
	GetClassHashAt
	GetContractAddress
	GetExecutionInfo
	GetSequencerAddress
	GetTxInfo
	GetTxSignature
	Keccak
	KeccakRound
	LibraryCall
	LibraryCallL1Handler
	MetaTxV0
	ReplaceClass
	Secp256k1Add
	Secp256k1GetPointFromX
	Secp256k1GetXy
	Secp256k1Mul
	Secp256k1New
	Secp256r1Add
	Secp256r1GetPointFromX
	Secp256r1GetXy
	Secp256r1Mul
	Secp256r1New
	SendMessageToL1
	Sha256ProcessBlock
	Sha512ProcessBlock
	StorageRead
	StorageWrite
	NumSyscalls
)

var names = [NumSyscalls]string{
	"CallContract", "DelegateCall", "DelegateL1Handler", "Deploy", "EmitEvent", "GetBlockHash", "GetBlockNumber",
	"GetBlockTimestamp", "GetCallerAddress", "GetClassHashAt", "GetContractAddress", "GetExecutionInfo",
	"GetSequencerAddress", "GetTxInfo", "GetTxSignature", "Keccak", "KeccakRound", "LibraryCall",
	"LibraryCallL1Handler", "MetaTxV0", "ReplaceClass", "Secp256k1Add", "Secp256k1GetPointFromX", "Secp256k1GetXy",
	"Secp256k1Mul", "Secp256k1New", "Secp256r1Add", "Secp256r1GetPointFromX", "Secp256r1GetXy", "Secp256r1Mul",
	"Secp256r1New", "SendMessageToL1", "Sha256ProcessBlock", "Sha512ProcessBlock", "StorageRead", "StorageWrite",
}

// String returns the name of s, which is also its selector on the machine.
func (s Syscall) String() string {
	if s < NumSyscalls {
		return names[s]
	}
	return fmt.Sprintf("Syscall(%d)", s)
}

// ParseSyscall returns the system call of that name, and whether there is one.
func ParseSyscall(name string) (Syscall, bool) {
	for i, n := range names {
		if n == name {
			return Syscall(i), true
		}
	}
	return 0, false
}

// MarshalText returns the name of s.
func (s Syscall) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText sets s to the system call of that name.
func (s *Syscall) UnmarshalText(text []byte) error {
	v, ok := ParseSyscall(string(text))
	if !ok {
		return fmt.Errorf("unknown system call %q", text)
	}
	*s = v
	return nil
}

// Table has the cost of each system call.
type Table [NumSyscalls]Linear

// MarshalJSON returns t as an object, by name.
func (t *Table) MarshalJSON() ([]byte, error) {
	m := make(map[Syscall]Linear, len(t))
	for s := range t {
		m[Syscall(s)] = t[s]
	}
	return json.Marshal(m)
}

// UnmarshalJSON sets t to what MarshalJSON made.
func (t *Table) UnmarshalJSON(data []byte) error {
	var m map[Syscall]Linear
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	*t = Table{}
	for s, l := range m {
		t[s] = l
	}
	return nil
}
