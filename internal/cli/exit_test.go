package cli_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"polo/internal/cli"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	reading := fmt.Errorf("reading: %w", context.Canceled)
	for name, c := range map[string]struct {
		err  error
		code int
	}{
		"done":                     {nil, 0},
		"failed":                   {errors.New("no"), cli.ExitFailed},
		"usage":                    {fmt.Errorf("more: %w", cli.Usage("no %d", 1)), cli.ExitUsage},
		"incomplete":               {errors.Join(nil, cli.Incomplete("left")), cli.ExitIncomplete},
		"interrupted":              {cli.Interrupt(interrupted, reading, "again"), cli.ExitInterrupted},
		"cancelled without Ctrl-C": {cli.Interrupt(t.Context(), reading, "again"), cli.ExitFailed},
		"done before Ctrl-C":       {cli.Interrupt(interrupted, nil, "again"), 0},
		"failed before Ctrl-C":     {cli.Interrupt(interrupted, errors.New("no"), "again"), cli.ExitFailed},
	} {
		if got := cli.Code(c.err); got != c.code {
			t.Errorf("%s: %d, want %d", name, got, c.code)
		}
	}
	for _, code := range []int{0, cli.ExitFailed, cli.ExitUsage, cli.ExitIncomplete, cli.ExitInterrupted} {
		if !strings.Contains(cli.ExitCodes, fmt.Sprintf("\n  %-5d", code)) {
			t.Errorf("help does not describe %d", code)
		}
	}
}
