package vmlink

import (
	"testing"

	"github.com/switchyard-dev/switchyard/framework/rpc/link"
)

// TestKinds keeps the numbers that framework/proto/README.md tells.
func TestKinds(t *testing.T) {
	kinds := [...]link.Kind{kindOpen, kindClose, kindPredict, kindFinals, kindDown, kindUp, kindOutcomes}
	if want := [...]link.Kind{32, 33, 34, 35, 36, 37, 38}; kinds != want {
		t.Errorf("kinds are %v, plugins in other languages know %v", kinds, want)
	}
	tags := [...]tag{
		tagPublish, tagEstimate, tagForget, tagLearn, tagRun, tagFinish, tagValues, tagClass, tagRefuse, tagStop, tagProbe,
		tagMiss, tagAskClass, tagProgress, tagResult, tagAfter,
	}
	if want := [...]tag{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 64, 65, 66, 67, 68}; tags != want {
		t.Errorf("messages are %v, plugins in other languages know %v", tags, want)
	}
}
