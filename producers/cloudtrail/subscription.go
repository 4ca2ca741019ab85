package cloudtrail

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"polo/producers/tree"
)

// subscribed matches the start of an event by which a CloudWatch Logs subscription invokes a
// function.
var subscribed = regexp.MustCompile(`^\s*\{\s*"awslogs"\s*:`)

// readSubscribed splits such events into pieces: {"awslogs": {"data": ...}}, the data gzipped and
// in base64.
func readSubscribed(in io.Reader, emit func(piece) error) error {
	data, err := io.ReadAll(io.LimitReader(in, maxRecord+1))
	if err != nil {
		return emit(unreadable(bytes.NewReader(data), fmt.Sprintf("reading stops: %v", err)))
	}
	if len(data) > maxRecord {
		return emit(unreadable(bytes.NewReader(data), fmt.Sprintf("an event of a subscription of more than %d bytes", maxRecord)))
	}
	events := json.NewDecoder(bytes.NewReader(data))
	for {
		var event struct{ Awslogs struct{ Data []byte } }
		at := events.InputOffset()
		err := events.Decode(&event)
		if errors.Is(err, io.EOF) {
			return nil
		}
		var plain io.Reader
		if err == nil {
			plain, err = tree.Gunzip(bufio.NewReader(bytes.NewReader(event.Awslogs.Data)))
		}
		if err != nil {
			return emit(unreadable(bytes.NewReader(data[at:]), fmt.Sprintf("an event of a subscription at byte %d: %v", at, err)))
		}
		if err := newSplitter(plain, emit).run(); err != nil {
			return err
		}
	}
}
