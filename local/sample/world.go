package sample

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// organisationID is the invented organisation's id.
const organisationID = "o-polosample1"

// account is one of the organisation's accounts.
type account struct {
	id, name string
	regions  []string
	vpc      string
	subnets  []string
	groups   []string
	// alive holds what was created today and still exists, by region and kind.
	alive map[place][]thing
}

type place struct{ region, kind string }

// thing is a resource, created at since.
type thing struct {
	id    string
	since time.Time
}

// person signs in through SSO.
type person struct{ name, role, address string }

// world is the state of the organisation during the day.
type world struct {
	rng      *rand.Rand
	day      time.Time
	accounts []account
	people   []person
	// quiet worlds change nothing at random.
	quiet bool
}

// found creates the organisation as it is at midnight.
func (w *world) found() {
	for i, a := range []struct {
		name    string
		regions []string
	}{
		{"management", []string{"us-east-1"}},
		{"security", []string{"us-east-1"}},
		{"production-us", []string{"us-east-1", "us-west-2"}},
		{"production-eu", []string{"eu-west-1"}},
		{"staging", []string{"us-east-1", "eu-west-1"}},
		{"development", []string{"us-east-1", "eu-west-1"}},
	} {
		acc := account{
			id: fmt.Sprintf("%012d", 111122223333+int64(i)*111100001111), name: a.name, regions: a.regions,
			vpc: w.id("vpc"), alive: map[place][]thing{},
		}
		for range 3 {
			acc.subnets = append(acc.subnets, w.id("subnet"))
			acc.groups = append(acc.groups, w.id("sg"))
		}
		w.accounts = append(w.accounts, acc)
	}
	roles := []string{"Administrator", "Developer", "Developer", "ReadOnly", "Billing"}
	for i, name := range []string{
		"ada", "bela", "chidi", "dana", "emre", "fen", "gala", "hugo", "ines", "jun", "kofi", "lena", "milo", "nour", "otto", "pia", "quim", "rosa",
	} {
		w.people = append(w.people, person{name: name, role: roles[i%len(roles)], address: fmt.Sprintf("198.51.100.%d", 10+i)})
	}
}

// id returns an EC2-style id.
func (w *world) id(prefix string) string {
	return fmt.Sprintf("%s-0%08x%08x", prefix, w.rng.Uint32(), w.rng.Uint32())
}

// uuid returns a version 4 UUID from the seed.
func (w *world) uuid() string {
	a, b := w.rng.Uint64(), w.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}

func pick[T any](w *world, from []T) T { return from[w.rng.IntN(len(from))] }

// make records that a resource exists from at on.
func (a *account) make(p place, id string, at time.Time) {
	a.alive[p] = append(a.alive[p], thing{id, at})
}

// take removes an existing resource; ok is false if there is none. It moves *at to at
// least a minute after the resource was created.
func (w *world) take(a *account, p place, at *time.Time) (id string, ok bool) {
	all := a.alive[p]
	if len(all) == 0 {
		return "", false
	}
	i := w.rng.IntN(len(all))
	t := all[i]
	all[i] = all[len(all)-1]
	a.alive[p] = all[:len(all)-1]
	if first := t.since.Add(time.Minute); at.Before(first) {
		*at = first
	}
	return t.id, true
}

// some returns an existing resource, or one from before today.
func (w *world) some(a *account, p place, prefix string) string {
	if all := a.alive[p]; len(all) > 0 {
		return pick(w, all).id
	}
	return w.id(prefix)
}
