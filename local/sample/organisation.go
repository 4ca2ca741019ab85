package sample

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"
)

// Days is how many days a world has.
const Days = 120

// WorldOptions configure WriteWorld.
type WorldOptions struct {
	// Dir is the folder to write into; it is created if missing.
	Dir string
	// Records is how many records CloudTrail has of the last 24 hours, beside what people do.
	Records int
	// Seed and Now decide everything: equal options give equal files.
	Seed uint64
	// Now is when the world is looked at: nothing in it is later. Bills end the day before.
	Now time.Time
	// Gzip compresses files, as AWS does.
	Gzip bool
}

// WorldSummary is what was written.
type WorldSummary struct {
	Files int
	// Bytes is the size of the files before compression.
	Bytes int64
	// First and Last are the first and last day with costs.
	First, Last time.Time
	// Records are CloudTrail's.
	Records int
	// Happenings are what there is to find, in order.
	Happenings []Happening
}

// MetadataFile is the name of the file that says what people know of accounts and customers.
const MetadataFile = "metadata.json"

// WriteWorld writes a small organisation's bills, inventory and CloudTrail of some months.
func WriteWorld(ctx context.Context, o WorldOptions) (WorldSummary, error) {
	if o.Dir == "" || o.Records < 0 || o.Now.IsZero() {
		return WorldSummary{}, errors.New("writing a world: no Dir or no Now")
	}
	now := o.Now.UTC().Truncate(time.Hour)
	last := now.Truncate(24*time.Hour).AddDate(0, 0, -1)
	org := &organisation{
		world: &world{rng: rand.New(rand.NewPCG(o.Seed, 0x706f6c6f)), day: last, quiet: true},
		first: last.AddDate(0, 0, 1-Days), last: last, now: now,
	}
	org.found()
	org.live()
	out := &folder{dir: o.Dir, gzip: o.Gzip}
	sum := WorldSummary{First: org.first, Last: last, Happenings: org.happens}
	for _, write := range []func() error{
		func() error { return org.bill(out) },
		func() error { return org.inventory(out) },
		func() (err error) { _, sum.Records, err = org.trail(out, o.Records); return err },
		func() error { return org.metadata(out) },
	} {
		if err := errors.Join(ctx.Err(), write()); err != nil {
			return sum, err
		}
	}
	sum.Files, sum.Bytes = out.files, out.bytes
	return sum, nil
}

// metadata writes what people know, in the form that polo meta load reads.
func (o *organisation) metadata(out *folder) error {
	accounts := object{}
	for _, a := range o.accounts {
		role := map[string]string{"production-us": "production", "production-eu": "production"}[a.name]
		if role == "" {
			role = a.name
		}
		accounts[a.id] = object{"role": role}
	}
	text, err := json.MarshalIndent(object{
		"account": accounts,
		"customer": object{
			"acme":     object{"name": "Acme", "tier": "gold", "contact": "ada@example.org", "budget": "2000"},
			"globex":   object{"name": "Globex", "tier": "gold", "contact": "bela@example.org", "budget": "1500"},
			"hooli":    object{"name": "Hooli", "tier": "silver", "contact": "chidi@example.org", "budget": "600"},
			"initech":  object{"name": "Initech", "tier": "silver", "contact": "fen@example.org", "budget": "500"},
			"vandelay": object{"name": "Vandelay Industries", "tier": "bronze", "contact": "dana@example.org", "budget": "600"},
		},
	}, "", "  ")
	if err != nil {
		return err
	}
	return out.writePlain(MetadataFile, append(text, '\n'))
}
