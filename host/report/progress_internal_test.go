package report

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		p := &Progress{w: &b, start: time.Now()}
		p.Step(1, 4, "early")
		if b.Len() != 0 {
			t.Errorf("shown in the first two seconds: %q", b.String())
		}
		time.Sleep(3 * time.Second)
		p.Step(1, 4, "one")
		p.Step(2, 4, "too soon after")
		p.Done()
		want := "\r\033[K 25%  one, about 9s left" + "\r\033[K"
		if b.String() != want {
			t.Errorf("shown %q, want %q", b.String(), want)
		}
	})
}
