package cli_test

import (
	"runtime/debug"
	"strings"
	"testing"

	"polo/internal/cli"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123abc"}, {Key: "vcs.modified", Value: "true"},
	}}
	if got := cli.VersionOf("polo", info).String(); !strings.HasPrefix(got, "polo v1.2.3 commit 0123abc with changes go1.") {
		t.Errorf("%q", got)
	}
	if got := cli.VersionOf("polo", nil).String(); !strings.HasPrefix(got, "polo unknown go1.") {
		t.Errorf("without a build's word: %q", got)
	}
}
