package runner

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/machine"
	"github.com/switchyard-dev/switchyard/plugins/vm-cairo/cairo/program"
)

// Failure is the failure of an instruction or hint, with all that a reader wants to know about it.
type Failure struct {
	// PC is the instruction.
	PC machine.Address
	// Location is its place in a source file, nil if it is not known.
	Location *program.Location
	// Message has the lines of the error_message attributes around it, each with its line break.
	Message string
	// Calls are the calls that led to it, the outermost first.
	Calls []Frame
	Err   error
}

// Frame is a call that was going on.
type Frame struct {
	PC       machine.Address
	Location *program.Location
	Message  string
}

// maxFrames is how many calls a traceback shows.
const maxFrames = 20

// Failure explains an error of [Session.Run]; ok is false if it is not one of an instruction or a hint.
func (s *Session) Failure(err error) (f *Failure, ok bool) {
	var at *machine.RunError
	if !errors.As(err, &at) {
		return nil, false
	}
	r := s.m.Registers()
	f = &Failure{PC: at.PC, Location: s.location(at.PC), Err: at}
	f.Message = s.messages(at.PC, r.FP)
	f.Calls = s.calls(r.FP)
	return f, true
}

// location returns the place of an instruction of the program.
func (s *Session) location(pc machine.Address) *program.Location {
	l, ok := s.loaded.Program.Locations[pc.Offset]
	if !ok || pc.Segment != machine.ProgramSegment {
		return nil
	}
	return &l
}

// calls walks the frames on the stack from fp outward, as far as they look like frames of calls.
func (s *Session) calls(fp uint64) (frames []Frame) {
	stack := func(off uint64) (machine.Address, bool) {
		return s.m.Read(machine.Address{Segment: machine.StackSegment, Offset: off}).Address()
	}
	at := machine.Address{Segment: machine.StackSegment, Offset: fp}
	for range maxFrames {
		back, ok := stack(at.Offset - 1)
		outer, ok2 := stack(at.Offset - 2)
		if at.Offset < 2 || at.Segment != machine.StackSegment || !ok || !ok2 || outer == at {
			break
		}
		at = outer
		pc, ok := s.callBefore(back)
		if !ok {
			break
		}
		frames = append(frames, Frame{pc, s.location(pc), s.messages(pc, at.Offset)})
	}
	slices.Reverse(frames)
	return frames
}

// callBefore returns the call instruction, of one or two words, that returns to back.
func (s *Session) callBefore(back machine.Address) (machine.Address, bool) {
	for n := uint64(1); n <= 2 && n <= back.Offset; n++ {
		pc := machine.Address{Segment: back.Segment, Offset: back.Offset - n}
		w, ok := s.m.Read(pc).Felt()
		if !ok {
			return pc, false
		}
		if machine.IsCall(w) {
			return pc, true
		}
	}
	return back, false
}

// messages returns the lines of the error messages that are attached to pc.
func (s *Session) messages(pc machine.Address, fp uint64) string {
	var b strings.Builder
	for i := range s.loaded.Program.Attributes {
		a := &s.loaded.Program.Attributes[i]
		if a.Name == "error_message" && pc.Segment == machine.ProgramSegment && a.StartPC <= pc.Offset && pc.Offset < a.EndPC {
			fmt.Fprintf(&b, "Error message: %s\n", s.fillIn(a, fp))
		}
	}
	return b.String()
}

// fillIn replaces {name} in the text of an attribute by the value of the name, if that is a felt relative to fp.
func (s *Session) fillIn(a *program.Attribute, fp uint64) string {
	if a.Flow == nil {
		return a.Value
	}
	text, bad := a.Value, []string(nil)
	rest := a.Value
	for {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			break
		}
		name, after2, ok := strings.Cut(after, "}")
		if !ok {
			break
		}
		rest = after2
		if v, ok := s.attributeValue(a, name, fp); ok {
			text = strings.ReplaceAll(text, "{"+name+"}", v)
		} else {
			bad = append(bad, "'"+name+"'")
		}
	}
	if bad != nil {
		text += " (Cannot evaluate ap-based or complex references: [" + strings.Join(bad, ", ") + "])"
	}
	return text
}

// attributeValue returns the value of a name of an attribute, if it is the felt in a cell relative to fp.
func (s *Session) attributeValue(a *program.Attribute, name string, fp uint64) (string, bool) {
	for full, i := range a.Flow.References {
		if full != name && !strings.HasSuffix(full, "."+name) {
			continue
		}
		e := &s.loaded.Program.References[i].Value
		if !e.IsPlain() || e.UsesAP() || e.Type != "felt" {
			return "", false
		}
		v, ok := e.Value(s.m, 0, fp).Felt()
		return v.Decimal(), ok
	}
	return "", false
}

// where returns the position as the reference prints it.
func where(l *program.Location) string {
	if l == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d: ", l.File, l.Line, l.Column)
}

// Traceback returns the calls as the reference prints them, empty if there are none.
func (f *Failure) Traceback() string {
	if len(f.Calls) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("Cairo traceback (most recent call last):\n")
	for _, c := range f.Calls {
		b.WriteString(c.Message)
		if c.Location == nil {
			fmt.Fprintf(&b, "Unknown location (pc=%v)\n", c.PC)
		} else {
			fmt.Fprintf(&b, "%s(pc=%v)\n", where(c.Location), c.PC)
		}
	}
	return b.String()
}

// Error returns the whole report in the form of the reference.
func (f *Failure) Error() string {
	text := fmt.Sprintf("%s%sError at pc=%v:\n%v\n", f.Message, where(f.Location), f.PC, f.Err)
	return text + f.Traceback()
}

// Unwrap returns the error that f explains.
func (f *Failure) Unwrap() error { return f.Err }
