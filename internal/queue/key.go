package queue

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
)

// Key identifies a failure: two letters of one failure have the same Key. It covers reason,
// unit, place, bytes and replay count. A standard queue keeps both letters, for example when
// a send's acknowledgement was lost or a broken file is collected again; whoever counts or
// lists failures deduplicates by Key.
type Key [16]byte

// Key returns f's Key. It leaves out when f was seen and in which message. It also leaves out
// when an event was observed, which differs when the same file is collected again.
func (f *Failure) Key() Key {
	h := sha256.New()
	for _, part := range [][]byte{
		[]byte(f.Reason), []byte(f.Unit), []byte(f.Origin), []byte(strconv.Itoa(f.ReplayCount)), []byte(strconv.Itoa(f.CutFrom)), f.Content(),
	} {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		_, _ = h.Write(size[:]) // a hash never fails to write
		_, _ = h.Write(part)
	}
	return Key(h.Sum(nil)[:16])
}

// Content returns f's body without the time an event was observed, so that collecting the
// same file again gives the same content.
func (f *Failure) Content() []byte {
	if f.Unit == UnitEvent {
		return unobserved(f.Body) //mutant:letter-of-another-day
	}
	return f.Body
}

// unobserved returns an event's JSON with an empty observed_at.
func unobserved(event []byte) []byte {
	name := []byte(`"observed_at":"`)
	before, after, found := bytes.Cut(event, name)
	_, rest, ended := bytes.Cut(after, []byte(`"`))
	if !found || !ended {
		return event
	}
	return slices.Concat(before, name, []byte(`"`), rest)
}
