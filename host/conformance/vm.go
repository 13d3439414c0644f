package conformance

import (
	"context"
	"errors"

	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/conform"
	"github.com/switchyard-dev/switchyard/framework/rpc/vmlink"
	"github.com/switchyard-dev/switchyard/framework/vmtest"
)

// vm runs the suite of VMs on the cases.
func (s *session) vm(t conform.T) {
	if s.VM == nil {
		t.Fatalf("a VM is tested with transactions that it can execute: there are none")
	}
	subject := s.VM.subject()
	subject.VM, subject.Patience, subject.Seed = s.openVM, s.Deadline, s.Seed
	vmtest.Run(t, subject)
}

// openVM opens an instance and links this side with it, as a scheduler would.
func (s *session) openVM(t conform.T) framework.VM {
	t.Helper()
	i, err := s.instance(t.Context(), t.TempDir())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	vm := vmlink.NewClient(0)
	conn, err := s.dial(t.Context(), i, vm.Handle)
	if err == nil {
		err = vm.Relink(t.Context(), conn, "")
	}
	if err != nil {
		t.Fatalf("open: %v", errors.Join(err, i.Close(context.WithoutCancel(t.Context()))))
	}
	s.endWith(t, i, conn.Close)
	return vm
}
