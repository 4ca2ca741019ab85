package inventory_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"polo/envelope"
	"polo/internal/account"
	"polo/producers"
	"polo/producers/emittertest"
	"polo/producers/inventory"
	"polo/producers/inventory/document"
)

// tape plays the recordings of a folder, each call's in order, as AWS answered.
type tape struct {
	files map[string][]document.Object // by service and call, in order
	next  map[string]int
	// take is which recording of each list is played, from 0; the last one if there are fewer.
	take int
	// all names a call whose recordings are not played together; those of the other lists are.
	all []inventory.Operation
}

// coded is a recorded error.
type coded string

func (c coded) Error() string     { return string(c) }
func (c coded) ErrorCode() string { return string(c) }

// names are the recordings' names of what the SDK calls otherwise.
var names = map[string]string{
	"elasticloadbalancingv2": "elasticloadbalancing", "cloudwatchlogs": "logs", "resourcegroupstaggingapi": "tagging", "ecr": "api.ecr", "cloudwatch": "monitoring",
}

func loadTape(t *testing.T, dir string) *tape {
	t.Helper()
	out := &tape{files: map[string][]document.Object{}, next: map[string]int{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recordings in %s: %v", len(files), dir, err)
	}
	nth := func(name string) int {
		n, _ := strconv.Atoi(strings.TrimSuffix(name[strings.LastIndexByte(name, '_')+1:], ".json"))
		return n
	}
	slices.SortFunc(files, func(a, b string) int { return nth(a) - nth(b) })
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v, err := document.FromJSON(data)
		if err != nil {
			t.Fatal(err)
		}
		service, call, _ := inventory.CallOfFile(file)
		key := strings.ToLower(service + "." + call)
		out.files[key] = append(out.files[key], v.(document.Object))
	}
	return out
}

func (p *tape) Answers(call inventory.Operation, about []document.Object) ([]document.Object, error) {
	service := call.Service
	if name := names[service]; name != "" {
		service = name
	}
	key := strings.ToLower(service + "." + call.Name)
	files := p.files[key]
	if len(files) == 0 && call.Name == "DescribeLaunchTemplates" {
		return p.templates()
	}
	if len(files) == 0 {
		return p.tags(call, about)
	}
	pick := files[min(p.take, len(files)-1)]
	if len(about) == 0 || len(about[0]) == 0 {
		if p.all != nil && !slices.Contains(p.all, call) {
			var pages []document.Object
			for _, f := range files {
				if body, ok := f.Get("data").(document.Object); ok && !body.Has("Error") {
					pages = append(pages, body)
				}
			}
			return pages, nil
		}
	}
	if len(about) > 0 && len(about[0]) > 0 {
		pick = nil
		var rest document.Object
		for i := range files {
			f := files[(p.next[key]+i)%len(files)]
			body, _ := f.Get("data").(document.Object)
			switch {
			case pick == nil && len(about) == 1 && isAbout(f, about[0]):
				pick = f
			case rest == nil && !body.Has("ARN"): // one that names another item is not about this one
				rest = f
			}
		}
		if pick == nil {
			pick = rest
		}
		p.next[key]++
	}
	body, _ := pick.Get("data").(document.Object)
	if e, ok := body.Get("Error").(document.Object); ok {
		return nil, coded(document.Text(e.Get("Code")))
	}
	return []document.Object{body}, nil
}

// accounts returns the accounts that the recordings name as owners or in ARNs.
func (p *tape) accounts(otherwise string) []string {
	return p.named(`"(?:OwnerId|OwnerAccount)":"(\d{12})"|arn:aws[^:]*:[^:]*:[^:]*:(\d{12}):`, otherwise)
}

// regions returns the regions that the recordings name in ARNs and as zones.
func (p *tape) regions(otherwise string) []string {
	return p.named(`arn:aws[^:]*:[^:]*:([a-z]{2}-[a-z]+-\d):|"AvailabilityZone":"([a-z]{2}-[a-z]+-\d)[a-z]"`, otherwise)
}

// named returns what a pattern finds in the recordings, the most frequent first, and last the one to
// take where none is named.
func (p *tape) named(pattern, otherwise string) []string {
	counts := map[string]int{}
	for _, files := range p.files {
		for _, f := range files {
			for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(document.JSON(f), -1) {
				counts[m[1]+m[2]]++
			}
		}
	}
	out := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	if !slices.Contains(out, otherwise) {
		out = append(out, otherwise)
	}
	return out
}

// isAbout reports whether an answer names the item that a list names.
func isAbout(answer, item document.Object) bool {
	id := ""
	for _, kind := range []string{"arn", "url", "id", "name"} {
		for _, m := range item {
			if id == "" && strings.HasSuffix(strings.ToLower(m.Name), kind) {
				id = document.Text(m.Value)
			}
		}
	}
	id = id[strings.LastIndexAny(id, "/:")+1:]
	return len(id) > 3 && strings.Contains(document.JSON(answer), id+`"`)
}

// templates answers with the launch templates whose versions are recorded.
func (p *tape) templates() ([]document.Object, error) {
	var out document.List
	seen := map[string]bool{}
	for _, f := range p.files["ec2.describelaunchtemplateversions"] {
		body, _ := f.Get("data").(document.Object)
		for _, v := range document.At(nil, body.Get("LaunchTemplateVersions"), nil) {
			version := v.(document.Object)
			if id := document.Text(version.Get("LaunchTemplateId")); !seen[id] {
				seen[id] = true
				out = append(out, document.Object{{Name: "LaunchTemplateId", Value: id}, {Name: "LaunchTemplateName", Value: version.Get("LaunchTemplateName")}})
			}
		}
	}
	return []document.Object{{{Name: "LaunchTemplates", Value: out}}}, nil
}

// describedTags answers DescribeTags from what the tagging API said.
func describedTags(resources document.Object) []document.Object {
	body, _ := resources.Get("data").(document.Object)
	var out document.List
	for _, v := range document.At(nil, body.Get("ResourceTagMappingList"), nil) {
		o := v.(document.Object)
		arn := document.Text(o.Get("ResourceARN"))
		out = append(out, document.Object{{Name: "ResourceArn", Value: arn}, {Name: "LoadBalancerName", Value: arn[strings.LastIndexByte(arn, '/')+1:]}, {Name: "Tags", Value: o.Get("Tags")}})
	}
	return []document.Object{{{Name: "TagDescriptions", Value: out}}}
}

// tags answers the tagging API from what a recording's own service said of tags, one resource after
// another in the order of its list.
func (p *tape) tags(call inventory.Operation, about []document.Object) ([]document.Object, error) {
	if resources := p.files["tagging.getresources"]; call.Name == "DescribeTags" && len(resources) > 0 {
		return describedTags(resources[0]), nil
	}
	if call.Name != "GetResources" || len(about) == 0 {
		return nil, fmt.Errorf("no recording of %s.%s", call.Service, call.Name)
	}
	typ := document.Text(about[0].Get("ResourceType"))
	for _, from := range []struct{ typ, tags, list, items, arn string }{
		{"dynamodb:table", "dynamodb.listtagsofresource", "dynamodb.describetable", "Table", "TableArn"},
		{"logs", "logs.listtagsforresource", "logs.describeloggroups", "logGroups", "arn"},
		{"ecr:repository", "api.ecr.listtagsforresource", "api.ecr.describerepositories", "repositories", "repositoryArn"},
		{"elasticache:replicationgroup", "elasticache.listtagsforresource", "elasticache.describereplicationgroups", "ReplicationGroups", "ARN"},
	} {
		tags, list := p.files[from.tags], p.files[from.list]
		if from.typ != typ || len(tags) == 0 || len(list) == 0 {
			continue
		}
		body, _ := list[0].Get("data").(document.Object)
		var out document.List
		for i, v := range document.At(nil, body.Get(from.items), nil) {
			answer, _ := tags[i%len(tags)].Get("data").(document.Object)
			found := answer.Get("Tags")
			if found == nil {
				found = answer.Get("TagList")
			}
			arn := strings.TrimSuffix(document.Text(v.(document.Object).Get(from.arn)), ":*")
			out = append(out, document.Object{{Name: "ResourceARN", Value: arn}, {Name: "Tags", Value: found}})
		}
		return []document.Object{{{Name: "ResourceTagMappingList", Value: out}}}, nil
	}
	return []document.Object{{{Name: "ResourceTagMappingList", Value: document.List{}}}}, nil
}

// player plays one tape after another to the same collectors.
type player struct {
	*tape
	all []*inventory.Collector
}

func newPlayer(t *testing.T) *player {
	t.Helper()
	p := &player{}
	var err error
	if p.all, err = inventory.Replayers(p); err != nil {
		t.Fatal(err)
	}
	return p
}

// play returns the resources that the collectors make of recordings in an account and region.
func (p *player) play(t *testing.T, recordings *tape, accountID, region string) (map[string]envelope.ResourceEvent, []producers.Gap) {
	t.Helper()
	p.tape = recordings
	regions := p.regions(region)[:1]
	var accounts []account.Account
	for _, id := range p.accounts(accountID) {
		accounts = append(accounts, account.Account{ID: id})
	}
	out := map[string]envelope.ResourceEvent{}
	owners := map[string]string{} // of each id: what does not tell its owner is the first account's
	var gaps []producers.Gap
	for _, c := range p.all {
		r := &emittertest.Recorder{}
		summary, err := producers.Run(t.Context(), producers.RunConfig{
			Collector: c, Accounts: accounts, Workers: 1, Regions: regions, Emitter: r, Identity: producers.DefaultIdentity(),
			Scheduled: time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Events {
			id := e.ResourceType + " " + e.ResourceID
			if e.ARN == "" || e.EventType == envelope.TypeResourceDeleted || owners[id] != "" && owners[id] != e.AccountID {
				continue
			}
			out[e.ARN], owners[id] = e, e.AccountID
		}
		for _, g := range summary.Gaps {
			if !strings.Contains(g.Error, "recording of ") && !strings.Contains(g.Error, "is known") {
				gaps = append(gaps, g)
			}
		}
	}
	return out, gaps
}
