package costexplorer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/internal/queue"
	"polo/producers/recording"
)

// recordedPage is a recorded answer. Its results are parsed one by one, so that a bad one does
// not affect the others.
type recordedPage struct {
	GroupDefinitions []struct{ Type, Key string }
	ResultsByTime    []json.RawMessage
	NextPageToken    string
}

type recordedPages []recordedPage

// readRecording unwraps a recording.
func readRecording(data []byte) (recordedPages, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\uFEFF")))
	if len(data) == 0 {
		return nil, recording.Malformed("an empty file")
	}
	if data[0] == '[' {
		return readList(data)
	}
	members, _, err := recording.Unwrap(data)
	if err != nil {
		return nil, err
	}
	if _, ok := members.Get("ResultsByTime"); !ok {
		return nil, recording.Unknown("no ResultsByTime among the members %s", members.Names())
	}
	whole, err := json.Marshal(members)
	if err != nil {
		return nil, recording.Malformed("reading a recorded answer: %w", err)
	}
	var p recordedPage
	if err := json.Unmarshal(whole, &p); err != nil {
		return nil, recording.Malformed("reading a recorded answer: %w", recording.Syntax(err))
	}
	return recordedPages{p}, nil
}

// readList parses a list of results, or of pages.
func readList(data []byte) (recordedPages, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(data, &elements); err != nil {
		return nil, recording.Malformed("reading a list: %w", recording.Syntax(err))
	}
	var all recordedPages
	for i, raw := range elements {
		var members recording.Members
		if err := json.Unmarshal(raw, &members); err != nil {
			return nil, recording.Unknown("element %d of a list is not an object", i)
		}
		if _, ok := members.Get("TimePeriod"); ok {
			if len(all) == 0 {
				all = recordedPages{{}}
			}
			all[len(all)-1].ResultsByTime = append(all[len(all)-1].ResultsByTime, raw)
			continue
		}
		pages, err := readRecording(raw)
		if err != nil {
			return nil, fmt.Errorf("element %d of a list: %w", i, err)
		}
		all = append(all, pages...)
	}
	if len(all) == 0 {
		return nil, recording.Unknown("an empty list")
	}
	return all, nil
}

// results parses the pages' results. One that cannot be parsed is a failure.
func (ps recordedPages) results(name string, observed time.Time) (page, []queue.Failure) {
	var p page
	var failures []queue.Failure
	for _, one := range ps {
		for i, raw := range one.ResultsByTime {
			var r result
			if err := json.Unmarshal(raw, &r); err != nil {
				failures = append(failures, queue.Failure{
					Reason: queue.ReasonMalformedRecord, Err: fmt.Sprintf("reading result %d: %v", i, recording.Syntax(err)), Unit: queue.UnitPart, Body: raw,
					Origin: fmt.Sprintf("%s#%d", name, i), FirstSeen: observed, LastSeen: observed,
				})
				continue
			}
			p.Results = append(p.Results, r)
		}
	}
	return p, failures
}

// definitions returns the groups that the pages state.
func (ps recordedPages) definitions() []Group {
	for _, one := range ps {
		if len(one.GroupDefinitions) == 0 {
			continue
		}
		var groups []Group
		for _, d := range one.GroupDefinitions {
			groups = append(groups, Group{types.GroupDefinitionType(d.Type), d.Key})
		}
		return groups
	}
	return nil
}

// truncated reports whether the last page names a next one.
func (ps recordedPages) truncated() bool { return ps[len(ps)-1].NextPageToken != "" }
