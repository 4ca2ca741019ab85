package sqsserver

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func sampleMessage() *message {
	m := &message{
		id: uuid.MustParse("7474492c-8754-47fb-a86a-b50f651a42a4"), sent: time.UnixMilli(1_795_437_071_703),
		notBefore: time.UnixMilli(1_795_437_081_703), content: &content{
			bodyMD5: "5d41402abc4b2a76b9719d911017c592", trace: "Root=1", group: "tenant",
			attributes: []attribute{
				{name: "a", dataType: "String", value: []byte("v"), set: true},
				{name: "b", dataType: "Binary.x", value: []byte{0, 1}, binary: true, set: true},
			},
		},
	}
	m.content.attrMD5 = attributesMD5(m.content.attributes)
	m.seal(append(m.content.newRecord(5), "hello"...))
	return m
}

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	m := sampleMessage()
	if cap(m.content.record) != len(m.content.record) {
		t.Errorf("the record grew: room for %d bytes, %d used", cap(m.content.record), len(m.content.record))
	}
	m.seq = 7
	back, err := openRecord(m.content.record, 7)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, back, cmp.AllowUnexported(message{}, content{}, attribute{})); diff != "" {
		t.Errorf("message (-sealed +opened):\n%s", diff)
	}
	m.receives, m.base, m.first, m.source = 7, 3, time.UnixMilli(1_795_437_099_001), "arn:aws:sqs:us-east-1:000000000000:q"
	if err := back.setProgress(m.progress()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, back, cmp.AllowUnexported(message{}, content{}, attribute{})); diff != "" {
		t.Errorf("message with progress (-stored +loaded):\n%s", diff)
	}
}

func FuzzOpenRecord(f *testing.F) {
	record := sampleMessage().content.record
	f.Add(record)
	for _, n := range []int{0, 1, 30, recordHead, recordHead + 3, len(record) - 1} {
		f.Add(record[:n])
	}
	f.Add(append(append([]byte{}, record...), 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := openRecord(b, 1)
		if err != nil {
			return
		}
		again := m.content.resend(m.id, m.sent, 1)
		if _, err := openRecord(again.content.record, 1); err != nil {
			t.Fatalf("sealing it again: %v", err)
		}
	})
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	want := receipt{queue: 3, seq: 1 << 40, id: uuid.New(), receive: 12}
	text := want.String()
	got, ok := parseReceipt(text)
	if !ok || got != want {
		t.Fatalf("parsing %s: got %+v, %v", text, got, ok)
	}
	for i := range text {
		b := []byte(text)
		if b[i] = 'A'; text[i] == 'A' {
			b[i] = 'B'
		}
		if forged, ok := parseReceipt(string(b)); ok && forged != want {
			t.Errorf("character %d changed, and accepted", i)
		}
	}
}
