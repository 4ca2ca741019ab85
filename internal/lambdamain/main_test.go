package lambdamain

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"runtime/debug"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

func TestLogsHaveTheRequestsID(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := Logger(&out).With(slog.String("part", "sink"))
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "r-1"})
	log.InfoContext(ctx, "within")
	log.InfoContext(context.WithoutCancel(ctx), "within, after its end")
	log.InfoContext(t.Context(), "without")
	want := []string{"r-1", "r-1", ""}
	for i, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
		var said struct {
			RequestID string `json:"request_id"`
			Part      string
		}
		if err := json.Unmarshal(line, &said); err != nil || said.RequestID != want[i] || said.Part != "sink" {
			t.Errorf("%s: %+v, want %q: %v", line, said, want[i], err)
		}
	}
}

func TestMemoryIsLimited(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	Environment{MemoryMB: 1000}.limitMemory()
	if got := debug.SetMemoryLimit(-1); got != 800<<20 {
		t.Errorf("the limit is %d MiB", got>>20)
	}
	debug.SetMemoryLimit(before)
	Environment{}.limitMemory()
	Environment{MemoryMB: 1000, MemoryLimit: "5MiB"}.limitMemory()
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("the limit is %d", got)
	}
}
