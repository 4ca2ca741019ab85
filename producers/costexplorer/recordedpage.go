package costexplorer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"

	"polo/internal/queue"
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
		return nil, malformed("an empty file")
	}
	if data[0] == '[' {
		return readList(data)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, malformed("reading a recorded answer: %w", syntax(err))
	}
	status := 0
	if raw, ok := get(members, "status_code"); ok {
		if err := json.Unmarshal(raw, &status); err != nil {
			return nil, malformed("reading status_code: %w", syntax(err))
		}
		if inner, ok := get(members, "data"); ok {
			if members = nil; json.Unmarshal(inner, &members) != nil {
				return nil, malformed("data is not an object")
			}
		}
	}
	if code, ok := errorCode(members); ok || status >= http.StatusBadRequest {
		err := notCosts("the answer is an error of status %d", status)
		err.Code = code
		return nil, err
	}
	if _, ok := get(members, "ResultsByTime"); !ok {
		return nil, notCosts("no ResultsByTime among the members %s", strings.Join(slices.Sorted(maps.Keys(members)), ", "))
	}
	whole, err := json.Marshal(members)
	if err != nil {
		return nil, malformed("reading a recorded answer: %w", err)
	}
	var p recordedPage
	if err := json.Unmarshal(whole, &p); err != nil {
		return nil, malformed("reading a recorded answer: %w", syntax(err))
	}
	return recordedPages{p}, nil
}

// readList parses a list of results, or of pages.
func readList(data []byte) (recordedPages, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(data, &elements); err != nil {
		return nil, malformed("reading a list: %w", syntax(err))
	}
	var all recordedPages
	for i, raw := range elements {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return nil, notCosts("element %d of a list is not an object", i)
		}
		if _, ok := get(members, "TimePeriod"); ok {
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
		return nil, notCosts("an empty list")
	}
	return all, nil
}

// get returns a member; case does not matter.
func get(members map[string]json.RawMessage, name string) (json.RawMessage, bool) {
	if raw, ok := members[name]; ok {
		return raw, true
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if strings.EqualFold(key, name) {
			return members[key], true
		}
	}
	return nil, false
}

// errorCode returns the code of a recorded error: botocore's {"Error": {"Code"}} or the JSON
// protocol's own {"__type"}.
func errorCode(members map[string]json.RawMessage) (string, bool) {
	if raw, ok := members["__type"]; ok {
		var typ string
		_ = json.Unmarshal(raw, &typ) // if it is not text, the error has no code
		return typ[strings.LastIndexByte(typ, '#')+1:], true
	}
	var e struct{ Code string }
	if raw, ok := members["Error"]; ok && json.Unmarshal(raw, &e) == nil {
		return e.Code, true
	}
	return "", false
}

// syntax replaces an error of encoding/json, which may contain the value, by its type.
func syntax(err error) error { return fmt.Errorf("%T", err) }

// results parses the pages' results. One that cannot be parsed is a failure.
func (ps recordedPages) results(name string, observed time.Time) (page, []queue.Failure) {
	var p page
	var failures []queue.Failure
	for _, one := range ps {
		for i, raw := range one.ResultsByTime {
			var r result
			if err := json.Unmarshal(raw, &r); err != nil {
				failures = append(failures, queue.Failure{
					Reason: queue.ReasonMalformedRecord, Err: fmt.Sprintf("reading result %d: %v", i, syntax(err)), Unit: queue.UnitPart, Body: raw,
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
