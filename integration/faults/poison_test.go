package faults_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/klauspost/compress/zstd"

	"polo/internal/queue"
)

// No message on the queue is valid: all end in the dead-letter queue with their bytes;
// after the storm good events are inserted, and the consumer is still up.
func TestPoisonStorm(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	c := r.startConsumer(t)
	good := packsOf(t, random, workload(), 60)
	sent := map[string]queue.Reason{}
	for i := range 1000 {
		body, reason := good[random.IntN(len(good))], queue.ReasonMalformedPack
		switch i % 4 {
		case 0:
			body = fmt.Sprintf("nonsense %d", i)
		case 1:
			body = body[:len(body)-1-random.IntN(len(body)/2)]
		case 2:
			body, reason = fmt.Sprintf(`{"v":9,"n":%d}`, i), queue.ReasonUnsupportedVersion
		case 3:
			body = fmt.Sprintf(`{"v":1,"batch_id":"%032x","source":"s","count":1,"encoding":"json","events":[{}]}`, i)
			reason = queue.ReasonCorruptPack
		}
		sent[body] = reason
	}
	for body := range sent {
		r.send(t, body)
	}
	r.awaitEmpty(t)
	got := map[string]queue.Reason{}
	for _, f := range r.letters(t) {
		got[string(f.Body)] = f.Reason
	}
	for body, reason := range sent {
		if got[body] != reason {
			t.Errorf("%.40q: reason %q, want %q", body, got[body], reason)
		}
	}
	if len(got) != len(sent) {
		t.Errorf("%d failures of %d", len(got), len(sent))
	}
	r.send(t, good...)
	r.awaitEmpty(t)
	c.stop(t)
	r.wantUndisturbed(t)
}

// A message that decompresses to gigabytes costs next to nothing.
func TestZipBomb(t *testing.T) {
	t.Parallel()
	random := seedOf(t)
	r := newRig(t)
	c := r.startConsumer(t)
	var packed bytes.Buffer
	w, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 4 << 10 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	bomb := fmt.Sprintf(`{"v":1,"batch_id":"%032x","source":"s","count":1,"encoding":"zstd","events":%q}`, 1, base64.StdEncoding.EncodeToString(packed.Bytes()))
	bodies := packsOf(t, random, workload(), 60)
	for range 10 {
		bodies = append(bodies, bomb)
	}
	random.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	r.send(t, bodies...)
	r.awaitEmpty(t)
	if peak := c.peakMemory(t); peak > 512<<20 && !raceEnabled {
		t.Errorf("the consumer took %d MiB", peak>>20)
	}
	c.stop(t)
	for _, f := range r.letters(t) {
		if f.Reason != queue.ReasonPackTooLarge || string(f.Body) != bomb {
			t.Errorf("failure %s of %d bytes", f.Reason, len(f.Body))
		}
	}
	r.wantUndisturbed(t)
}
