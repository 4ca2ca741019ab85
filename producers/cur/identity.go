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

// identity names a delivery and its lines.
//
// AWS promises the id of a line within a part of a report only, and gives lines other ids
// in a later delivery. So a line is known by its delivery and its place in it: the file,
// by its content, and the row. Each row has an id of its own, the same on every run and
// machine, and two deliveries of a bill share none: which of them counts is decided for
// all their lines at once.
//
// A delivery is known by its manifest's id and the content of its files, wherever they
// lie, and by the bill: one delivery of several bills has an id for each.
type identity struct {
	content string
	file    string
	// of are the ids by bill.
	of map[billKey]string
}

// newIdentity is the identity of a delivery of files with these digests.
func newIdentity(manifestID string, digests []string) identity {
	sorted := slices.Sorted(slices.Values(digests))
	return identity{content: manifestID + "\n" + strings.Join(sorted, "\n"), of: map[billKey]string{}}
}

// delivery is the id of the bill's delivery.
func (id *identity) delivery(k billKey) string {
	if d, ok := id.of[k]; ok {
		return d
	}
	k.payer = strings.Clone(k.payer) // the row's text would keep its whole batch in memory
	d := envelope.NewEventID(k.source, k.start, "delivery", k.payer, k.end.Format(time.DateOnly), id.content).String()
	id.of[k] = d
	return d
}

// line is the id of the line that begins at ts, in a row of the file under reading.
func (id *identity) line(source string, ts time.Time, delivery string, r *row) uuid.UUID {
	return envelope.NewEventID(source, ts, delivery, id.file, strconv.FormatInt(r.number, 10))
}

// copyMark is between the digest of a content and the number of a further file with it.
const copyMark = " copy "

// digests are those of a delivery's files. A file that cannot be read has its name's: what
// is wrong with it is told when it is read. Of several files with one content each has
// another digest, for their rows are not each other's.
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

// repetitions finds rows that come again in another file of a delivery whose files no
// manifest names: files may be copies of each other or overlap, and their line ids tell.
type repetitions struct {
	seen map[xxh3.Uint128]repetition
	key  []byte
}

type repetition struct {
	file   int32
	amount uint64 // a hash of it
}

// of reports whether a row with a line id came in an earlier file, and whether it had the
// same amount there.
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
