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

// withoutSecrets makes an event of a line anew if a secret is in it. Polo's own producers
// pack none, but others may, and so may older messages.
func withoutSecrets(line *envelope.Line) {
	clean, places := redact.Bytes(line.Raw)
	if len(places) > 0 {
		line.Event, line.Err = envelope.DecodeEvent(clean)
	}
}

// redactPacks packs anew what letters keep whole, if a secret is in it: its batch_id is of
// what it then holds.
func (d *deadLetters) redactPacks() {
	var all []failure
	for i := range d.failures {
		f := d.failures[i]
		// To open what took the process down may do so again.
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

// redactPack is the failure of a pack without its secrets, in several where the pack does
// not fit one any more. Without secrets it is what it was.
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

// maxTorn bounds what is unpacked of a message that is no whole pack, in bytes.
const maxTorn = 16 << 20

// redactTorn looks into a message that is no whole pack, as far as it unpacks. What does
// not unpack nobody can read, and is kept.
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
		n -= n % 3 // up to where it is damaged
	}
	z, err := zstd.NewReader(bytes.NewReader(frame[:n]), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxTorn), zstd.WithDecoderLowmem(true))
	if err != nil {
		return f
	}
	defer z.Close()
	// An error tells where the damage is: what comes before it can be read.
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
