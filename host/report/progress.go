package report

import (
	"fmt"
	"io"
	"os"
	"time"
)

// Progress shows on a terminal how far a long command is. It says nothing for the first two seconds, and nothing
// at all where the output is not a terminal. The zero value is silent.
type Progress struct {
	w     io.Writer
	start time.Time
	last  time.Time // of the line that is shown now
	shown bool
}

// The display appears after quiet and changes at most once in pause.
const (
	quiet = 2 * time.Second
	pause = 100 * time.Millisecond
)

// NewProgress returns a display on f, silent if f is no terminal.
func NewProgress(f *os.File) *Progress {
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return &Progress{}
	}
	return &Progress{w: f, start: time.Now()}
}

// Step shows that done of total steps are done; doing names the present one.
func (p *Progress) Step(done, total int, doing string) {
	now := time.Now()
	if p.w == nil || now.Sub(p.start) < quiet || now.Sub(p.last) < pause {
		return
	}
	left := ""
	if done > 0 {
		seconds := now.Sub(p.start).Seconds() / float64(done) * float64(total-done)
		left = fmt.Sprintf(", about %.0fs left", seconds)
	}
	fmt.Fprintf(p.w, "\r\033[K%3d%%  %s%s", 100*done/max(total, 1), doing, left)
	p.last, p.shown = now, true
}

// Done removes the display.
func (p *Progress) Done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\033[K")
		p.shown = false
	}
}
