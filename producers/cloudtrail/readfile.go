package cloudtrail

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"polo/internal/queue"
	"polo/producers/tree"
)

// Reasons for skipping a file.
const (
	skipEmpty   = "empty"
	skipNotJSON = "not JSON"
	skipDigest  = "a CloudTrail digest file, which holds no records"
)

// readFile splits one file into pieces, by its content and not by its name. skipped says why it
// holds no records. The error is emit's.
func readFile(r io.Reader, name string, emit func(piece) error) (skipped string, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		zip, err := tree.Gunzip(in)
		if err != nil {
			return "", emit(unreadable(in, fmt.Sprintf("reading the gzip header: %v", err)))
		}
		in = bufio.NewReaderSize(zip, 64<<10)
	}
	if bom, _ := in.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		if _, err := in.Discard(3); err != nil {
			return "", emit(unreadable(in, err.Error()))
		}
	}
	head, readErr := in.Peek(4096)
	start := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(start) == 0 && readErr == io.EOF:
		return skipEmpty, nil
	case len(start) == 0 && readErr != nil:
		return "", emit(unreadable(in, fmt.Sprintf("reading stops at byte 0: %v", readErr)))
	case len(start) > 0 && start[0] != '{' && start[0] != '[' && !nextIsRecord(head) && timedRecord(start) == 0:
		if !claimsJSON(name) {
			return skipNotJSON, nil
		}
		return "", emit(unreadable(in, "not JSON: begins neither with { nor with ["))
	case isDigest(start):
		return skipDigest, nil
	case subscribed.Match(start):
		return "", readSubscribed(in, emit)
	}
	return "", newSplitter(in, emit).run()
}

// nextIsRecord reports whether records follow damage at the start.
func nextIsRecord(head []byte) bool { return nextRecord(head, knownFirst()) >= 0 }

// maxUnreadable bounds the bytes of an unreadable file in a failure.
const maxUnreadable = 64 << 10

func unreadable(r io.Reader, problem string) piece {
	data, err := io.ReadAll(io.LimitReader(r, maxUnreadable))
	if err != nil {
		problem += "; " + err.Error()
	}
	return piece{data: data, number: 1, reason: queue.ReasonUnreadableFile, problem: problem}
}

// claimsJSON reports whether a name has a JSON extension.
func claimsJSON(name string) bool {
	switch path.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")) {
	case ".json", ".jsonl", ".ndjson":
		return true
	}
	return false
}

// isDigest reports whether the file is one that CloudTrail writes beside its logs to prove their
// integrity. It has members that no record has.
func isDigest(head []byte) bool {
	return bytes.Contains(head, []byte(`"digestS3Bucket"`)) && bytes.Contains(head, []byte(`"digestStartTime"`)) &&
		!bytes.Contains(head, []byte(`"eventSource"`))
}
