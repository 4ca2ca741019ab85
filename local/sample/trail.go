package sample

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// quietCalls is how many calls a day has that is not the last.
const quietCalls = 12

// entry is a record with its place and time.
type entry struct {
	account *account
	region  string
	at      time.Time
	text    []byte
}

// trail writes CloudTrail's log files: what people did, with a few reads a day around it, and the
// last 24 hours in full.
func (o *organisation) trail(out *folder, records int) (files, written int, err error) {
	for _, r := range o.resources {
		if kind := map[*kind]string{kindInstance: "instance", kindVolume: "volume"}[r.kind]; kind != "" && r.alive(o.now) {
			r.account.make(place{r.region, kind}, r.id, o.born(r))
		}
	}
	var all []entry
	add := func(a *account, region string, at time.Time, record func(dst []byte) []byte) {
		all = append(all, entry{a, region, at, record(nil)})
	}
	random := func(from time.Time, span time.Duration) {
		a := &o.accounts[o.rng.IntN(len(o.accounts))]
		region, at := pick(o.world, a.regions), from.Add(time.Duration(o.rng.Int64N(int64(span/time.Second)))*time.Second)
		add(a, region, at, func(dst []byte) []byte { return o.record(dst, a, region, at) })
	}
	for d := o.first; d.Before(o.last); d = d.AddDate(0, 0, 1) {
		for range quietCalls {
			random(d, 24*time.Hour)
		}
	}
	for range records {
		random(o.now.Add(-24*time.Hour), 24*time.Hour-fileSpan)
	}
	for _, d := range o.deeds {
		add(d.account, d.region, d.at, func(dst []byte) []byte {
			identity, address, agent := o.doer(d)
			return o.render(dst, d.account, d.region, d.at, d.call, identity, address, agent, d.failure)
		})
	}
	slot := func(e entry) time.Time {
		if e.at.Before(o.last) {
			return e.at.Truncate(24 * time.Hour)
		}
		return e.at.Truncate(time.Hour)
	}
	slices.SortStableFunc(all, func(a, b entry) int {
		return cmp.Or(slot(a).Compare(slot(b)), cmp.Compare(a.account.id, b.account.id), cmp.Compare(a.region, b.region), a.at.Compare(b.at))
	})
	for len(all) > 0 {
		one := all[0]
		n := slices.IndexFunc(all, func(e entry) bool {
			return !slot(e).Equal(slot(one)) || e.account != one.account || e.region != one.region
		})
		if n < 0 {
			n = len(all)
		}
		text := []byte(`{"Records":[`)
		for i, e := range all[:n] {
			if i > 0 {
				text = append(text, ',')
			}
			text = append(text, e.text...)
		}
		if err := out.write(o.logName(one.account, one.region, all[n-1].at), append(text, "]}"...)); err != nil {
			return files, written, err
		}
		files, written, all = files+1, written+n, all[n:]
	}
	return files, written, nil
}

// doer returns who makes a call, and from where.
func (o *organisation) doer(d deed) (identity, address, agent string) {
	if d.by == "ci" {
		return o.session(d.account, d.at, "ci-deploy", "build"), "203.0.113.77", "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 terraform-provider-aws/5.66.0"
	}
	p := o.people[slices.IndexFunc(o.people, func(p person) bool { return p.name == d.by })]
	agent = "aws-cli/2.17.0 md/awscrt#0.21.2 ua/2.0 os/linux#6.8 lang/python#3.11.9"
	if d.console {
		agent = "AWS Internal"
	}
	return o.session(d.account, d.at, "AWSReservedSSO_"+p.role+"_sample", p.name+"@example.org"), p.address, agent
}

// logName returns the name of a log file, without its ending.
func (w *world) logName(a *account, region string, delivered time.Time) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	unique := make([]byte, 16)
	for i := range unique {
		unique[i] = letters[w.rng.IntN(len(letters))]
	}
	return filepath.Join("AWSLogs", organisationID, a.id, "CloudTrail", region, delivered.Format("2006/01/02"),
		fmt.Sprintf("%s_CloudTrail_%s_%s_%s.json", a.id, region, delivered.Add(fileSpan).Format("20060102T1504Z"), unique))
}
