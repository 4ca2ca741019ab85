package cur

import (
	"context"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/zeebo/xxh3"

	"polo/envelope"
	"polo/producers/tree"
)

// identity identifies a delivery and its lines.
//
// AWS promises that line ids are unique only within a part of a report, and a later delivery has
// other ids. So a line is identified by its delivery and its place in it: the file's content, and
// the row. Each row has its own id, the same on every run and machine. Two deliveries of a bill
// share no id, because a query picks one delivery for all lines at once.
//
// A delivery is identified by its manifest's id, the content of its files wherever they lie, and
// the bill: a delivery of several bills has one id for each.
type identity struct {
	content string
	file    string
	// of holds the delivery ids by bill.
	of map[billKey]string
}

// newIdentity returns the identity of a delivery of files with these digests.
func newIdentity(manifestID string, digests []string) identity {
	sorted := slices.Sorted(slices.Values(digests))
	return identity{content: manifestID + "\n" + strings.Join(sorted, "\n"), of: map[billKey]string{}}
}

// delivery returns the id of the bill's delivery.
func (id *identity) delivery(k billKey) string {
	if d, ok := id.of[k]; ok {
		return d
	}
	k.payer = strings.Clone(k.payer) // the row's text keeps its whole batch in memory
	d := envelope.NewEventID(k.source, k.start, "delivery", k.payer, k.end.Format(time.DateOnly), id.content).String()
	id.of[k] = d
	return d
}

// line returns the event id of the line in row r of the current file; ts is its start.
func (id *identity) line(source string, ts time.Time, delivery string, r *row) uuid.UUID {
	return envelope.NewEventID(source, ts, delivery, id.file, strconv.FormatInt(r.number, 10)) //mutant:one-id-is-one-line
}

// copyMark separates a digest from the number of another file with the same content.
const copyMark = " copy "

// digests returns a digest per file. An unreadable file gets one from its name: its error is
// reported when it is read. Files with the same content get different digests, because their rows
// are different lines.
func digests(ctx context.Context, t tree.Tree, files []object) []string {
	all := make([]string, len(files))
	seen := map[string]int{}
	for i, o := range files {
		d := "unread " + o.Name
		if o.Unreadable == "" {
			if content, err := tree.Digest(ctx, t, o.Name); err == nil {
				d = content
			}
		}
		if seen[d]++; seen[d] > 1 {
			d += copyMark + strconv.Itoa(seen[d])
		}
		all[i] = d
	}
	return all
}

// repetitions finds rows that occur again in another file, in a delivery without a manifest: such
// files may be copies or overlap. Line ids identify a row.
type repetitions struct {
	seen map[xxh3.Uint128]repetition
	key  []byte
}

type repetition struct {
	file   int32
	amount uint64 // a hash
}

// of reports whether a row with a line id occurred in an earlier file, and whether it had the
// same amount.
func (p *repetitions) of(l *layout, r *row, file int32) (again, same bool) {
	id := l.value(r, fLineItemID)
	if id == "" {
		return false, false
	}
	p.key = p.key[:0]
	p.part(id)
	p.part(l.value(r, fTimeInterval))
	for _, f := range [...]field{fPayer, fPeriodStart, fAccount, fLineType, fProductCode, fUsageType, fOperation, fZone, fResourceID, fStart, fEnd, fPlanARN, fReservationARN, fSplitParent} {
		p.part(l.value(r, f))
	}
	amount := xxh3.HashString(l.value(r, fCost))
	if p.seen == nil {
		p.seen = map[xxh3.Uint128]repetition{}
	}
	k := xxh3.Hash128(p.key)
	first, ok := p.seen[k]
	if !ok {
		p.seen[k] = repetition{file, amount}
		return false, false
	}
	return first.file != file, first.amount == amount
}

func (p *repetitions) part(s string) {
	p.key = binary.AppendUvarint(p.key, uint64(len(s)))
	p.key = append(p.key, s...)
}
