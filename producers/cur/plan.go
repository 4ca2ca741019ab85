package cur

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// delivery is the files of one version of a bill.
type delivery struct {
	// name is the report and its period, or describes files without a manifest.
	name string
	manifest
	// files exist; missing are named by the manifest and do not exist.
	files   []object
	missing []string
	// loose means that there is no manifest.
	loose bool
	// doubt says why the delivery may not be the latest or complete, "" without doubt.
	doubt string
}

// Skipped is a file that was not read, and why.
type Skipped struct{ Name, Why string }

// Reasons for not reading a file.
const (
	skipOlder     = "an older delivery of its period"
	skipDoubtful  = "another delivery of its period is read, and it is not known which is later"
	skipUnlisted  = "no manifest names it, and its report has one"
	skipNoBill    = "not a bill: none of its columns is one of CUR or FOCUS"
	skipEmpty     = "empty"
	skipOtherForm = "the same file in another form is read"
	skipAncillary = "not a bill's file"
	skipOtherBill = "its bills are read from another report"
)

// Other reasons why a file is not loose; it is not reported as skipped.
const (
	isRead     = "read"
	isManifest = "a manifest"
)

// plan finds the deliveries among files and their manifests. broken are manifests that cannot be
// read: files beside them may be old or incomplete.
//
// Of the manifests of one report and period only the latest counts. A manifest above the
// deliveries' folders, which AWS keeps current, comes before those beside a delivery's files. Of
// those, the latest time in the id decides, as in Data Exports, else the latest modification.
//
// Loose files, with no manifest around, are one complete delivery of all bills in them: a user
// who gives a folder gives all of it. But a folder below a billing period's folder is a delivery
// of its own, as AWS lays them out. Of several, the one with the latest time in its name counts,
// else the largest, with a warning that another may be later. In the folders of a report with a
// manifest, only the files that it names are read.
func plan(objects []object, manifests []manifest, broken []string) (deliveries []delivery, skipped []Skipped) {
	used := map[string]string{} // file -> why it is not loose
	deliveries = manifested(objects, manifests, broken, used)
	loose := delivery{name: "files without a manifest", loose: true}
	if len(broken) > 0 {
		loose.doubt = "a manifest cannot be read: " + broken[0]
	}
	forms := map[string]string{} // stem -> the first of its files
	for _, o := range objects {
		why := used[o.Name]
		if why == "" {
			why = whyNotLoose(o, forms, manifests)
		}
		switch why {
		case "":
			loose.files = append(loose.files, o)
		case isRead, isManifest:
		default:
			skipped = append(skipped, Skipped{o.Name, why})
		}
	}
	chosen, rest, left := assemblies(loose) //mutant:assemblies-add-up
	deliveries = append(deliveries, chosen...)
	if len(rest.files) > 0 {
		deliveries = append(deliveries, rest)
	}
	return deliveries, append(skipped, left...)
}

// manifested returns the deliveries that manifests name, sorted, and notes in used what the manifests
// and their files are.
func manifested(objects []object, manifests []manifest, broken []string, used map[string]string) (deliveries []delivery) {
	for _, name := range broken {
		used[name] = isManifest
	}
	current := latest(manifests)
	for _, m := range manifests {
		used[m.name] = isManifest
		why := ""
		if !slices.ContainsFunc(current, func(c manifest) bool { return c.name == m.name }) {
			why = skipOlder
		}
		d := delivery{manifest: m, name: m.report + " " + m.start.Format("2006-01")}
		for _, name := range broken {
			if within(m.name, reportRoot(name)) && periodOfPath(name) == periodOfPath(m.name) {
				d.doubt = "another manifest of it cannot be read: " + name
			}
		}
		for _, key := range m.keys {
			o, ok := resolve(objects, m, key)
			switch {
			case !ok:
				d.missing = append(d.missing, key)
			case why == "":
				d.files = append(d.files, o)
				used[o.Name] = isRead
			case used[o.Name] == "":
				used[o.Name] = why
			}
		}
		if why == "" {
			deliveries = append(deliveries, d)
		}
	}
	slices.SortStableFunc(deliveries, func(a, b delivery) int {
		return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.report, b.report), cmp.Compare(a.manifest.name, b.manifest.name))
	})
	return deliveries
}

// assembly is the files of a folder below a billing period's folder.
type assembly struct {
	name  string // its folder
	files []object
	size  int64
}

// assemblies finds, among files without a manifest, the deliveries in their own folders. Of those
// of one period the latest is chosen; rest is the files elsewhere.
func assemblies(loose delivery) (chosen []delivery, rest delivery, skipped []Skipped) {
	rest = loose
	rest.files = nil
	byPeriod := map[string][]*assembly{} // by the period's folder
	var order []string
	for _, o := range loose.files {
		root, name := assemblyOf(o.Name)
		if name == "" {
			rest.files = append(rest.files, o)
			continue
		}
		all := byPeriod[root]
		if all == nil {
			order = append(order, root)
		}
		i := slices.IndexFunc(all, func(a *assembly) bool { return a.name == name })
		if i < 0 {
			i, all = len(all), append(all, &assembly{name: name})
			byPeriod[root] = all
		}
		all[i].files = append(all[i].files, o)
		all[i].size += o.Size
	}
	for _, root := range order {
		all := byPeriod[root]
		slices.SortFunc(all, func(a, b *assembly) int {
			return cmp.Or(cmp.Compare(timeOfID(b.name), timeOfID(a.name)), cmp.Compare(b.size, a.size), cmp.Compare(b.name, a.name))
		})
		d := delivery{name: path.Join(root, all[0].name), manifest: manifest{id: all[0].name, period: periodOfPath(root + "/")}, files: all[0].files, loose: true, doubt: loose.doubt}
		why := skipOlder
		if len(all) > 1 && (timeOfID(all[0].name) == timeOfID(all[1].name)) {
			why = skipDoubtful
			d.doubt = orElse(d.doubt, "of "+path.Join(root, all[1].name)+" nothing says whether it is the later delivery")
		}
		for _, a := range all[1:] {
			for _, o := range a.files {
				skipped = append(skipped, Skipped{o.Name, why})
			}
		}
		chosen = append(chosen, d)
	}
	return chosen, rest, skipped
}

// assemblyOf finds a billing period's folder in a path, and the delivery's folder below it; "" if
// there is none. A folder such as day=3 is a partition of one delivery.
func assemblyOf(name string) (root, assembly string) {
	parts := strings.Split(path.Dir(name), "/")
	for i := range len(parts) - 1 {
		root = strings.Join(parts[:i+1], "/")
		if periodOfPath(root).known() {
			if strings.Contains(parts[i+1], "=") {
				return "", ""
			}
			return root, parts[i+1]
		}
	}
	return "", ""
}

// latest returns the manifests that count.
func latest(manifests []manifest) []manifest {
	best := map[string]manifest{}
	for _, m := range manifests {
		k := m.report + "\x00" + m.payer + "\x00" + m.start.String()
		if b, ok := best[k]; !ok || later(m, b) {
			best[k] = m
		}
	}
	out := make([]manifest, 0, len(best))
	for _, m := range best {
		out = append(out, m)
	}
	return out
}

func later(a, b manifest) bool {
	above := func(m manifest) int {
		if m.id != "" && path.Base(path.Dir(m.name)) == m.id {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(above(a), above(b)),
		cmp.Compare(timeOfID(a.id), timeOfID(b.id)),
		a.modified.Compare(b.modified),
		cmp.Compare(a.id, b.id),
		cmp.Compare(a.name, b.name),
	) > 0
}

// timeOfID returns the time that an id begins with, as text that sorts: 20230803T081120Z, or
// 2024-02-05T04:41:01.041Z-6b62...; "" if it has none.
func timeOfID(id string) string {
	digits := strings.NewReplacer("-", "", ":", "", ".", "").Replace(id)
	if len(digits) < 15 || digits[8] != 'T' {
		return ""
	}
	for i := range 15 {
		if c := digits[i]; i != 8 && (c < '0' || c > '9') {
			return ""
		}
	}
	stamp, _, _ := strings.Cut(digits, "Z")
	return stamp
}

// resolve finds the file of a manifest's key. A folder may be a copy of a part of the bucket, so
// one path must be a suffix of the other; of several, the longest match counts.
func resolve(objects []object, m manifest, key string) (object, bool) {
	var best object
	score := 0
	for _, o := range objects {
		n := 0
		switch {
		case o.Name == key:
			return o, true
		case strings.HasSuffix(key, "/"+o.Name):
			n = len(o.Name)
		case strings.HasSuffix(o.Name, "/"+key):
			n = len(key)
		case path.Base(o.Name) == path.Base(key) && (path.Dir(o.Name) == path.Dir(m.name) || path.Dir(o.Name) == path.Join(path.Dir(m.name), m.id)):
			n = 1 // moved together with its manifest
		}
		if n > score {
			best, score = o, n
		}
	}
	return best, score > 0
}

// whyNotLoose says why a file that no manifest names is not read, "" if it is a loose file.
func whyNotLoose(o object, forms map[string]string, manifests []manifest) string {
	stem, ok := dataStem(o.Name)
	if !ok {
		return skipAncillary
	}
	for _, m := range manifests {
		if within(o.Name, reportRoot(m.name)) {
			return skipUnlisted
		}
	}
	if _, there := forms[stem]; there {
		return skipOtherForm
	}
	forms[stem] = o.Name
	return ""
}

func within(name, root string) bool { return root == "." || strings.HasPrefix(name, root+"/") }

// reportRoot returns the folder of a manifest's report: above its period's folder, and above an
// export's metadata/.
func reportRoot(name string) string {
	dir := path.Dir(name)
	for d := dir; d != "." && d != "/"; d = path.Dir(d) {
		if periodOfPath(d).known() && !periodOfPath(path.Dir(d)).known() {
			if d = path.Dir(d); path.Base(d) == "metadata" {
				d = path.Dir(d)
			}
			return d
		}
	}
	return dir
}

// dataStem returns a file's name without the extensions of its form, and whether it may be a
// bill.
func dataStem(name string) (stem string, ok bool) {
	stem = name
	for {
		ext := strings.ToLower(path.Ext(stem))
		switch ext {
		case ".gz", ".zip", ".csv", ".parquet", ".snappy", ".zstd", ".zst":
			stem, ok = stem[:len(stem)-len(ext)], true
			continue
		case ".json", ".sql", ".yml", ".yaml", ".txt", ".md", ".html", ".pdf", ".xlsx":
			return stem, ok
		}
		return stem, ok || ext == "" || ext == ".tsv"
	}
}
