package queue

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
)

// Key is the same for two records of one failure: same reason, unit, place and bytes,
// replayed as often. A standard queue keeps both, as it would where a record's
// acknowledgement was lost, or a broken file is collected again; whoever counts or
// looks at failures takes them for one.
type Key [16]byte

// Key tells f from other failures. When it was seen, and in which message, is no part of it;
// nor is when an event was observed, which another collection of the same file changes.
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

// Content is f's body but for when an event was observed: what another collection of the same
// file has, too.
func (f *Failure) Content() []byte {
	if f.Unit == UnitEvent {
		return unobserved(f.Body)
	}
	return f.Body
}

// unobserved is an event's JSON with an empty observed_at.
func unobserved(event []byte) []byte {
	name := []byte(`"observed_at":"`)
	before, after, found := bytes.Cut(event, name)
	_, rest, ended := bytes.Cut(after, []byte(`"`))
	if !found || !ended {
		return event
	}
	return slices.Concat(before, name, []byte(`"`), rest)
}
