package sample

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

// scanHour is the hour of the day at which the inventory is read.
const scanHour = 22

// scans returns the times at which the inventory was read: every two weeks, on each day on which a person
// changed something, and an hour ago.
func (o *organisation) scans() []time.Time {
	days := map[time.Time]bool{}
	for d := o.first; !d.After(o.last); d = d.AddDate(0, 0, 14) {
		days[d] = true
	}
	for _, d := range o.deeds {
		days[d.at.Truncate(24*time.Hour)] = days[d.at.Truncate(24*time.Hour)] || d.by != "ci"
	}
	last := o.now.Add(-time.Hour)
	out := []time.Time{last}
	for d, read := range days {
		if read && d.Add(scanHour*time.Hour).Before(last) {
			out = append(out, d.Add(scanHour*time.Hour))
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.Compact(out)
}

// inventory writes what AWS answered at each scan, as a recorder that states where it asked.
func (o *organisation) inventory(out *folder) error {
	for _, at := range o.scans() {
		if err := o.listing(out, at); err != nil {
			return err
		}
		for i := range o.accounts {
			a := &o.accounts[i]
			for _, region := range a.regions {
				for _, k := range regional() {
					if err := o.answer(out, k, a, region, at); err != nil {
						return err
					}
				}
			}
			if err := o.answer(out, kindBucket, a, "", at); err != nil {
				return err
			}
		}
	}
	return nil
}

// answer writes the answer of one call.
func (o *organisation) answer(out *folder, k *kind, a *account, region string, at time.Time) error {
	list := []object{}
	for _, r := range o.resources {
		if r.kind == k && r.account == a && (region == "" || r.region == region) && r.alive(at) {
			list = append(list, k.describe(o, r, at))
		}
	}
	if len(list) == 0 && len(a.regions) == 1 && k != kindInstance && k != kindVolume && k != kindGroup {
		return nil // nobody asks a small account for everything
	}
	if k == kindDatabase && a.name == "development" && !at.Before(o.refused) {
		return o.recording(out, filepath.Join(a.id, region), k.service, k.call, at, object{
			"account_id": a.id, "region": region, "status_code": 403,
			"data": object{"Error": object{"Code": "AccessDenied", "Message": "User is not authorized to perform: rds:DescribeDBInstances"}},
		})
	}
	return o.recording(out, filepath.Join(a.id, orGlobal(region)), k.service, k.call, at, object{"account_id": a.id, "region": region, "status_code": 200, "complete": true, "data": object{k.list: list}})
}

// listing writes the list of the organisation's accounts.
func (o *organisation) listing(out *folder, at time.Time) error {
	list := []object{}
	payer := o.accounts[0].id
	for _, a := range o.accounts {
		list = append(list, object{
			"Id": a.id, "Arn": fmt.Sprintf("arn:aws:organizations::%s:account/%s/%s", payer, organisationID, a.id), "Email": "aws+" + a.name + "@example.org", "Name": a.name,
			"Status": "ACTIVE", "JoinedMethod": "CREATED", "JoinedTimestamp": stamp(o.first.AddDate(-1, 0, 0)),
		})
	}
	return o.recording(out, payer, "organizations", "ListAccounts", at, object{"account_id": payer, "status_code": 200, "complete": true, "data": object{"Accounts": list}})
}

func (o *organisation) recording(out *folder, where, service, call string, at time.Time, answer object) error {
	answer["recorded_at"] = stamp(at)
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return out.writePlain(filepath.Join("inventory", at.Format("2006-01-02T15"), where, fmt.Sprintf("%s.%s_1.json", service, call)), text)
}

func orGlobal(region string) string {
	if region == "" {
		return "global"
	}
	return region
}
