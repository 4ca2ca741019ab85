package cloudtrail_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"polo/envelope"
	"polo/internal/queue"
	"polo/producers/cloudtrail"
	"polo/producers/tree/treetest"
)

// trusting is an emitter that checks events, except those passed to it as checked.
type trusting struct {
	recorder
	mu      sync.Mutex
	checked []envelope.ResourceEvent
}

func (r *trusting) EmitChecked(_ context.Context, events ...envelope.ResourceEvent) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checked = append(r.checked, events...)
	return nil
}

// backwards returns a record whose event is invalid: its window ends before it begins.
func backwards() string {
	return aggregated(strings.ReplaceAll(window, "10:05:00", "09:05:00"))
}

// Events of files are checked once: by the collector, which rejects them at their place.
func TestEventsOfFilesAreChecked(t *testing.T) {
	t.Parallel()
	good := call{source: "s3", name: "ListBuckets", eventID: "good"}.json()
	dir := treetest.Folder(t, map[string]string{"a.json": backwards() + "\n" + good + "\n" + backwards() + "\n"})
	var r trusting
	files := cloudtrail.Files{Input: dir, Normaliser: cloudtrail.NewNormaliser(cloudtrail.Config{}), ObservedAt: observed}
	if _, err := files.Collect(t.Context(), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Events) > 0 || len(r.checked) != 1 || r.checked[0].Validate() != nil {
		t.Errorf("%d events to be checked again, and as checked %+v", len(r.Events), r.checked)
	}
	if len(r.Failures) != 2 || r.Failures[0].Origin != "a.json#1" || r.Failures[1].Origin != "a.json#3" || r.Failures[0].Reason != queue.ReasonInvalidEvent {
		t.Errorf("rejected %+v", r.Failures)
	}
}

// Events of lookups are checked by their emitter, which first sets the missing fields.
func TestEventsOfLookupsAreUnchecked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newTrail(lookupStart, 3, time.Minute)
		client.records[1].text = backwards()
		var r trusting
		if _, err := lookup(client).Collect(t.Context(), &r); err != nil {
			t.Fatal(err)
		}
		if len(r.Events) != 3 || len(r.checked) > 0 {
			t.Errorf("%d events to be checked, %d as checked", len(r.Events), len(r.checked))
		}
	})
}
