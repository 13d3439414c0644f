package runner

import (
	"errors"
	"fmt"
	"maps"
	"os"
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

// Failure explains an error of [Session.Run]; ok is false if it is not one of an instruction or a hint, nor that of the limit of
// steps, which belongs to the instruction that was not executed any more.
func (s *Session) Failure(err error) (f *Failure, ok bool) {
	var at *machine.RunError
	r := s.m.Registers()
	switch {
	case errors.As(err, &at):
	case errors.Is(err, machine.ErrSteps):
		at = &machine.RunError{PC: r.PC, Err: err}
	default:
		return nil, false
	}
	f = &Failure{PC: at.PC, Location: s.location(at.PC), Err: at}
	if at.Hint && f.Location != nil && s.hints != nil {
		f.Location = nil
		if all, i := s.loaded.Program.HintLocations[at.PC.Offset], s.hints.Failed(); i < len(all) {
			f.Location = &all[i]
		}
	}
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

// fillIn replaces {name} in the text of an attribute by the value of the name, if that is a felt or a pointer to felts
// that does not depend on ap.
func (s *Session) fillIn(a *program.Attribute, fp uint64) string {
	if a.Flow == nil {
		return a.Value
	}
	text, bad := a.Value, ""
	for _, full := range slices.Sorted(maps.Keys(a.Flow.References)) {
		name := full[strings.LastIndexByte(full, '.')+1:]
		mark := "{" + name + "}"
		if !strings.Contains(text, mark) {
			continue
		}
		e := &s.loaded.Program.References[a.Flow.References[full]].Value
		v := machine.Cell{}
		if !e.UsesAP() && strings.Contains(e.Type, "felt") {
			v = e.Value(s.m, 0, fp)
		}
		if v.Known() {
			text = strings.ReplaceAll(text, mark, v.String())
		} else {
			bad += "'" + name + "'"
		}
	}
	if bad != "" {
		text += " (Cannot evaluate ap-based or complex references: [" + bad + "])"
	}
	return text
}

// Source returns the text of a source file, and whether there is one.
type Source func(file string) (string, bool)

// maxSource is the largest source file that is shown.
const maxSource = 1 << 24

// SourceFiles is the Source that reads the files that a program names. It is for programs that the user trusts.
func SourceFiles(file string) (string, bool) {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > maxSource {
		return "", false
	}
	text, err := os.ReadFile(file)
	return string(text), err == nil
}

// describe prints a place with a message, and the line of the source with marks below if there is one.
func describe(l *program.Location, message string, source Source) string {
	head := fmt.Sprintf("%s:%d:%d: %s", l.File, l.Line, l.Column, message)
	if source == nil {
		return head
	}
	text, ok := source(l.File)
	if !ok {
		return head
	}
	lines := strings.Split(text, "\n")
	if l.Line < 1 || l.Line > len(lines) || l.Column < 1 {
		return head + "\n"
	}
	line := lines[l.Line-1]
	end := l.EndColumn
	if l.Line != l.EndLine {
		end = len(line) + 1
	}
	marks := strings.Repeat(" ", l.Column-1) + "^"
	if end > l.Column+1 {
		marks += strings.Repeat("*", end-l.Column-2) + "^"
	}
	return head + "\n" + line + "\n" + marks
}

// Traceback returns the calls as the reference prints them, empty if there are none.
func (f *Failure) Traceback() string { return f.traceback(nil) }

func (f *Failure) traceback(source Source) string {
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
			b.WriteString(describe(c.Location, fmt.Sprintf("(pc=%v)", c.PC), source) + "\n")
		}
	}
	return b.String()
}

// Error returns the whole report in the form of the reference, without lines of the source.
func (f *Failure) Error() string { return f.Report(nil) }

// Report returns the whole report in the form of the reference, with the lines of the source that there are.
func (f *Failure) Report(source Source) string {
	message := fmt.Sprintf("Error at pc=%v:\n%v", f.PC, f.Err)
	if f.Location == nil {
		return f.Message + message + "\n" + f.traceback(source)
	}
	places := ""
	for l := f.Location; l != nil; message, l = l.Reason, l.Parent {
		places = describe(l, message, source) + "\n" + places
	}
	return f.Message + places + f.traceback(source)
}

// Unwrap returns the error that f explains.
func (f *Failure) Unwrap() error { return f.Err }
