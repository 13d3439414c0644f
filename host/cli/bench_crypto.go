package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/switchyard-dev/switchyard/host/bench"
	"github.com/switchyard-dev/switchyard/host/report"
)

func newBenchCrypto() *cobra.Command {
	batches, rounds, format := []int{16, 256, 1024}, 20, "text"
	cmd := &cobra.Command{
		Use:   "crypto",
		Short: "Measure hashes and signatures beside gnark-crypto",
		Long: `Bench crypto measures Starknet's hashes, single and batched by every path that this processor supports, and the
verification of a signature. The figures of gnark-crypto, measured in turn with them, stand in the object "run" of
the JSON form, and above the table.`,
		Example: `  switchyard bench crypto
  switchyard bench crypto --batch 64,4096 --format json`,
		Args: arguments(cobra.NoArgs),
	}
	cmd.Flags().IntSliceVar(&batches, "batch", batches, "sizes of batches")
	cmd.Flags().IntVar(&rounds, "rounds", rounds, "rounds, of which the medians are printed")
	formatFlag(cmd, &format, report.Text, report.JSON, report.Go)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		f, err := report.ParseFormat(format, report.Text, report.JSON, report.Go)
		if err != nil {
			return misuse(err)
		}
		for _, n := range append(batches, rounds) {
			if n < 1 || n > 1<<20 {
				return misuse(fmt.Errorf("%d is no number of rounds or size of a batch, want 1 to %d", n, 1<<20))
			}
		}
		rows, run, err := bench.Crypto(cmd.Context(), batches, rounds)
		if err != nil {
			return err
		}
		rep := report.Report{Bench: "crypto", Env: report.Here(), Run: run, Rows: rows}
		return rep.Write(cmd.OutOrStdout(), f)
	}
	return cmd
}
