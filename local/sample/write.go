package sample

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Options configure Write.
type Options struct {
	// Dir is the folder to write into; it is created if missing.
	Dir string
	// Records is how many records to write, including those delivered twice.
	Records int
	// Seed decides everything: equal Options give equal files.
	Seed uint64
	// Day is the day, UTC.
	Day time.Time
	// Gzip compresses files, as AWS does.
	Gzip bool
	// RecordsPerFile bounds the records of a file; 0 means 500.
	RecordsPerFile int
}

// Summary is what was written.
type Summary struct {
	Files, Records int
	// Distinct is Records without second deliveries.
	Distinct int
	// Bytes is the size of the records as JSON, before compression.
	Bytes int64
	// Assumptions are the day's, for people to read.
	Assumptions []string
}

// repeated: one in so many records is delivered twice.
const repeated = 200

// Write writes the day. Files appear whole or not at all.
func Write(ctx context.Context, o Options) (Summary, error) {
	if o.Records < 1 || o.Dir == "" {
		return Summary{}, errors.New("writing a sample: no Dir or no Records")
	}
	o.RecordsPerFile = cmp.Or(o.RecordsPerFile, 500)
	o.Day = o.Day.UTC().Truncate(24 * time.Hour)
	w := &world{rng: rand.New(rand.NewPCG(o.Seed, 0x706f6c6f)), day: o.Day}
	w.found()
	sum, out := Summary{Assumptions: Assumptions()}, &folder{dir: o.Dir, gzip: o.Gzip}
	var again [][]byte // records to deliver a second time
	// Generate the day in order, so that nothing is deleted before it is created.
	slots := make([]time.Time, 1+o.Records*4/(3*o.RecordsPerFile))
	for i := range slots {
		slots[i] = w.slot()
	}
	slices.SortFunc(slots, time.Time.Compare)
	for sum.Records < o.Records {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		a := &w.accounts[w.rng.IntN(len(w.accounts))]
		region := a.regions[w.rng.IntN(len(a.regions))]
		slot := slots[min(sum.Files, len(slots)-1)]
		n := min(o.RecordsPerFile/2+w.rng.IntN(o.RecordsPerFile/2+1)+1, o.Records-sum.Records)
		buf := append(make([]byte, 0, n*1400), `{"Records":[`...)
		for i := range n {
			if i > 0 {
				buf = append(buf, ',')
			}
			if len(again) > 8 {
				buf = append(buf, again[0]...)
				again = again[1:]
				continue
			}
			start := len(buf)
			buf = w.record(buf, a, region, slot.Add(time.Duration(w.rng.Int64N(int64(fileSpan)))))
			sum.Distinct++
			if w.rng.IntN(repeated) == 0 {
				again = append(again, append([]byte(nil), buf[start:]...))
			}
		}
		buf = append(buf, "]}"...)
		if err := out.write(w.logName(a, region, slot), buf); err != nil {
			return sum, err
		}
		sum.Records += n
		sum.Files, sum.Bytes = out.files, out.bytes
	}
	return sum, nil
}

// fileSpan is the time that one delivery covers.
const fileSpan = 5 * time.Minute

// slot returns a delivery's time, more often in working hours.
func (w *world) slot() time.Time {
	for {
		t := w.day.Add(time.Duration(w.rng.IntN(24*12)) * fileSpan)
		hours := t.Sub(w.day).Hours()
		if w.rng.Float64() < (2-math.Cos((hours-2)/24*2*math.Pi))/3 {
			return t
		}
	}
}
