package consumer

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"

	"github.com/klauspost/compress/zstd"

	"polo/envelope"
	"polo/internal/queue"
	"polo/internal/redact"
)

// withoutSecrets replaces the event of a line if it contains a secret. Polo's own producers redact
// theirs, but other producers and older messages may not.
func withoutSecrets(line *envelope.Line) {
	clean, places := redact.Bytes(line.Raw)
	if len(places) > 0 {
		line.Event, line.Err = envelope.DecodeEvent(clean)
	}
}

// redactPacks rewrites packs that letters keep whole, if they contain a secret. The batch_id is
// that of the new content.
func (d *deadLetters) redactPacks() {
	var all []failure
	for i := range d.failures {
		f := d.failures[i]
		// Unpacking a message that crashed the process may crash it again.
		if f.record.Unit != queue.UnitPack || f.record.Reason == queue.ReasonCrashesConsumer {
			all = append(all, f)
			continue
		}
		for _, record := range redactPack(f.record, d.cfg.DeadLetter.Limits().MaxMessage-queue.RecordRoom, d.cfg.Bounds) {
			f.record = record
			all = append(all, f)
		}
	}
	d.failures = all
}

// redactPack returns the failure of a pack without its secrets; several if the result does not fit
// one pack. A pack without secrets is returned unchanged.
func redactPack(f queue.Failure, maxBody int, bounds envelope.Bounds) []queue.Failure {
	d, err := envelope.NewDecoder(bounds)
	if err != nil {
		return []queue.Failure{f}
	}
	pack, err := d.Decode(f.Body)
	if err != nil {
		return []queue.Failure{redactTorn(f)}
	}
	lines := make([][]byte, len(pack.Lines))
	var places []string
	for i := range pack.Lines {
		clean, at := redact.Bytes(pack.Lines[i].Raw)
		lines[i] = clean
		for _, place := range at {
			places = append(places, "/events/"+strconv.Itoa(i)+place)
		}
	}
	if len(places) == 0 {
		return []queue.Failure{f}
	}
	f.Redacted = places
	packs, tooLarge, err := envelope.EncodePacks(pack.Source, lines, maxBody)
	if err != nil || len(tooLarge) > 0 {
		f.Body = bytes.Join(lines, []byte{'\n'})
		f.Err = "unpacked to take secrets out, and too large to be packed again; " + f.Err
		return []queue.Failure{f}
	}
	out := make([]queue.Failure, len(packs))
	for i := range packs {
		out[i] = f
		out[i].Body = []byte(packs[i].Body)
	}
	return out
}

// maxTorn bounds the bytes unpacked from a message that is no whole pack.
const maxTorn = 16 << 20

// redactTorn redacts a message that is no whole pack, as far as it unpacks. The rest is kept,
// because nobody can read it.
func redactTorn(f queue.Failure) queue.Failure {
	const name = `"events":"`
	_, packed, found := bytes.Cut(f.Body, []byte(name))
	if !found {
		return f
	}
	packed, _, _ = bytes.Cut(packed, []byte{'"'})
	frame := make([]byte, base64.StdEncoding.DecodedLen(len(packed)))
	n, err := base64.StdEncoding.Decode(frame, packed)
	if err != nil {
		n -= n % 3 // up to the damage
	}
	z, err := zstd.NewReader(bytes.NewReader(frame[:n]), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxTorn), zstd.WithDecoderLowmem(true))
	if err != nil {
		return f
	}
	defer z.Close()
	// An error marks the damage; what comes before it can be read.
	text, err := io.ReadAll(io.LimitReader(z, maxTorn))
	clean, places := redact.Bytes(text)
	if len(places) == 0 {
		return f
	}
	f.Err = fmt.Sprintf("unpacked to take secrets out; %s", f.Err)
	if err != nil {
		f.Err = fmt.Sprintf("unpacked up to the damage, to take secrets out; %s", f.Err)
	}
	f.Body, f.Redacted = clean, places
	return f
}
