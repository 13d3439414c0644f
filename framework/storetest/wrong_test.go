package storetest_test

import (
	"github.com/switchyard-dev/switchyard/framework"
	"github.com/switchyard-dev/switchyard/framework/storetest"
)

// wrongs are stores with one fault each, and the subtests that must find it.
var wrongs = []struct {
	name   string
	wrap   func(framework.Store) framework.Store
	change func(*storetest.Subject)
	fails  []string
}{
	{name: "a state asks for its number again", wrap: followsNumber, fails: []string{
		"at/view stays after a revert", "at/view stays when no longer kept", "random/against a model",
	}},
	{name: "the newest state shows what is staged later", wrap: showsStaged, fails: []string{
		"at/the empty state", "at/view stays while blocks are staged", "at/view stays while blocks are sealed",
		"at/view stays when no longer kept", "random/against a model",
	}},
	{name: "seals the blocks between", wrap: sealsBetween, fails: []string{
		"seal/out of order", "random/against a model",
	}},
	{name: "revert to the head keeps staged blocks", wrap: keepsStaged, fails: []string{
		"head/is the last sealed block", "seal/not staged", "revert/drops staged blocks", "random/against a model",
	}},
	{name: "one table of classes", wrap: oneClassTable, fails: []string{
		"at/the empty state", "class/not declared", "class/reverted", "revert/to the empty state",
		"revert/drops staged blocks", "random/against a model",
	}},
	{name: "revert loses classes", wrap: losesClasses, fails: []string{
		"class/declared again", "class/reverted", "stage/copies the diff", "random/against a model",
	}},
	{name: "zero is present in the root", wrap: zeroCounts, fails: []string{
		"root/same state same root", "root/zero counts as absent", "random/against a model",
	}},
	{name: "root depends on the block number", wrap: numberedRoots, fails: []string{
		"class/declared again", "stage/nil and empty diff", "root/same state same root", "root/zero counts as absent",
		"root/unchanged values", "prove/verifies", "prove/other values do not verify", "random/against a model",
	}},
	{name: "one root for all states", wrap: constantRoots, fails: []string{
		"root/other state other root", "prove/verifies", "prove/other values do not verify", "random/against a model",
	}},
	{name: "keeps the diff", wrap: keepsDiff, fails: []string{
		"stage/copies the diff",
	}},
	{name: "takes a key twice", wrap: takesTwice, fails: []string{
		"stage/duplicate key",
	}},
	{name: "takes any order", wrap: takesUnsorted, fails: []string{
		"stage/unsorted diff",
	}},
	{name: "changes the diff", wrap: changesDiff, fails: []string{
		"stage/leaves the diff alone",
	}},
	{name: "stages something after a refusal", wrap: stagesRefused, fails: []string{
		"stage/unsorted diff", "stage/duplicate key", "stage/refused value",
	}},
	{name: "head counts staged blocks", wrap: countsStaged, fails: []string{
		"head/is the last sealed block", "seal/out of order", "revert/above the head", "context/cancelled",
		"context/past its deadline", "random/against a model",
	}},
	{name: "staged blocks are hidden", wrap: hidesStaged, fails: []string{
		"at/staged blocks", "at/view stays while blocks are staged", "at/view stays while blocks are sealed",
		"at/view stays after a revert", "class/declared", "stage/seen at once", "stage/unsorted diff",
		"stage/duplicate key", "stage/refused value", "stage/copies the diff", "revert/to the empty state",
		"revert/above the head", "revert/drops staged blocks", "context/cancelled", "context/past its deadline",
		"context/cancelled later", "random/against a model", "durable/staged blocks are lost",
	}},
	{name: "remembers the caller's slices", wrap: remembersOut, fails: []string{
		"read/out belongs to the caller",
	}},
	{name: "deaf to contexts", wrap: deaf, fails: []string{
		"context/cancelled", "context/past its deadline", "context/cancelled reads",
	}},
	{name: "states cannot be closed", wrap: cannotClose, fails: []string{
		"close/of a state",
	}},
	{name: "proves staged blocks", wrap: provesStaged, fails: []string{
		"prove/no such block",
	}},
	{name: "keeps staged blocks on disk", wrap: keepsStagedOnDisk, fails: []string{
		"random/against a model", "durable/staged blocks are lost",
	}},
	{name: "loses the last sealed block", wrap: losesSealed, fails: []string{
		"random/against a model", "durable/sealed blocks stay", "durable/staged blocks are lost",
		"durable/a revert stays", "durable/goes on",
	}},
	{name: "forgets a revert", wrap: forgetsRevert, fails: []string{
		"random/against a model", "durable/a revert stays",
	}},
	{name: "keeps less than it says", change: func(s *storetest.Subject) { s.Retain = 9 }, fails: []string{
		"at/no longer kept", "random/against a model",
	}},
	{name: "takes what it cannot commit to", change: func(s *storetest.Subject) {
		s.Refused = []framework.Write{{Value: framework.Word{1}}}
	}, fails: []string{
		"stage/refused value",
	}},
	{name: "proof of anything", change: func(s *storetest.Subject) {
		s.Verify = func(framework.Root, framework.ProofQuery, []framework.Word, *framework.Proof) error { return nil }
	}, fails: []string{
		"prove/other values do not verify",
	}},
}
