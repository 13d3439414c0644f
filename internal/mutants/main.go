package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// run tries the mutants with these numbers, all if there are none, and fails if one lives.
func run(ctx context.Context, args []string) error {
	chosen, err := choose(args)
	if err != nil {
		return err
	}
	l := &laboratory{root: "."}
	tried, killed := 0, 0
	for _, m := range chosen {
		if m.why != "" {
			fmt.Fprintf(os.Stdout, "%2d  %-5s  cannot be   %s: %s\n", m.number, m.policy, m.what, m.why)
			continue
		}
		tried++
		start := time.Now()
		test, err := l.try(ctx, m)
		if err != nil {
			return fmt.Errorf("mutant %d: %w", m.number, err)
		}
		if test != "" {
			killed++
		} else {
			test = "LIVES"
		}
		fmt.Fprintf(os.Stdout, "%2d  %-5s  %6.1f s    %s: %s\n", m.number, m.policy, time.Since(start).Seconds(), m.what, test)
	}
	fmt.Fprintf(os.Stdout, "%d of %d killed\n", killed, tried)
	if killed < tried {
		return errors.New("some live")
	}
	return nil
}

// choose returns the mutants with these numbers.
func choose(args []string) ([]mutant, error) {
	all := mutants()
	if len(args) == 0 {
		return all, nil
	}
	var chosen []mutant
	for _, a := range strings.Fields(strings.Join(args, " ")) {
		n, err := strconv.Atoi(a)
		i := slices.IndexFunc(all, func(m mutant) bool { return m.number == n })
		if err != nil || i < 0 {
			return nil, fmt.Errorf("no mutant %s", a)
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}
