package cur

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
)

// manifest names the files of a delivery.
type manifest struct {
	// name is the manifest's file name.
	name string
	// id is the assembly's or the execution's id: different for each delivery.
	id string
	// report identifies the report among others.
	report string
	// payer is the account that the report belongs to, "" if the manifest does not say.
	payer string
	period
	// keys are the files' keys in their bucket.
	keys     []string
	modified time.Time
}

var errManifest = errors.New("not the manifest of a bill")

// maxManifest bounds a manifest in bytes: thousands of files and columns fit.
const maxManifest = 16 << 20

// isManifestName reports whether name is one that AWS gives manifests: report-Manifest.json.
func isManifestName(name string) bool {
	return strings.HasSuffix(strings.ToLower(path.Base(name)), "manifest.json")
}

// manifestJSON has the members of both kinds of manifest: CUR 1's (assemblyId, reportKeys) and
// Data Exports' (executionId, dataFiles).
type manifestJSON struct {
	AssemblyID    string          `json:"assemblyId"`
	ExecutionID   string          `json:"executionId"`
	Account       string          `json:"account"`
	ReportID      string          `json:"reportId"`
	ReportName    string          `json:"reportName"`
	ExportName    string          `json:"exportName"`
	ExportARN     string          `json:"exportArn"`
	BillingPeriod json.RawMessage `json:"billingPeriod"`
	ReportKeys    json.RawMessage `json:"reportKeys"`
	DataFiles     json.RawMessage `json:"dataFiles"`
}

// parseManifest parses a manifest. If it does not state the period, the path does. The error
// wraps errManifest: a manifest must list its files.
func parseManifest(name string, data []byte) (manifest, error) {
	var j manifestJSON
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(data), "\ufeff")), &j); err != nil {
		return manifest{}, fmt.Errorf("%w: not JSON, or a member has the wrong type", errManifest)
	}
	m := manifest{name: name, id: orElse(j.AssemblyID, j.ExecutionID), payer: j.Account}
	list := j.ReportKeys
	if list == nil {
		list = j.DataFiles
	}
	if list == nil {
		return manifest{}, fmt.Errorf("%w: neither reportKeys nor dataFiles", errManifest)
	}
	var err error
	if m.keys, err = fileKeys(list); err != nil {
		return manifest{}, err
	}
	m.report = orElse(j.ReportName, orElse(j.ExportName, strings.TrimSuffix(strings.TrimSuffix(path.Base(name), path.Ext(name)), "-Manifest")))
	if arn := strings.Split(j.ExportARN, ":"); len(arn) == 6 {
		m.payer = orElse(m.payer, arn[4])
	}
	m.period = periodOfJSON(j.BillingPeriod)
	if !m.known() {
		m.period = periodOfPath(name)
	}
	for i := 0; i < len(m.keys) && !m.known(); i++ {
		m.period = periodOfPath(m.keys[i])
	}
	if !m.known() {
		return manifest{}, fmt.Errorf("%w: it names no billing period", errManifest)
	}
	return m, nil
}

// fileKeys parses a list of files: keys, S3 URLs, or objects that hold one.
func fileKeys(list json.RawMessage) ([]string, error) {
	var entries []json.RawMessage
	if err := json.Unmarshal(list, &entries); err != nil {
		return nil, fmt.Errorf("%w: its files are not a list", errManifest)
	}
	keys := make([]string, 0, len(entries))
	for _, e := range entries {
		var key string
		if json.Unmarshal(e, &key) != nil {
			var o struct{ Key, S3Key, Path, File string }
			if json.Unmarshal(e, &o) != nil {
				return nil, fmt.Errorf("%w: a file without a name", errManifest)
			}
			key = orElse(o.Key, orElse(o.S3Key, orElse(o.Path, o.File)))
		}
		if rest, found := strings.CutPrefix(key, "s3://"); found {
			_, key, _ = strings.Cut(rest, "/")
		}
		if key == "" {
			return nil, fmt.Errorf("%w: a file without a name", errManifest)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func periodOfJSON(raw json.RawMessage) period {
	var p struct{ Start, End string }
	if raw == nil || json.Unmarshal(raw, &p) != nil {
		var text string
		if raw == nil || json.Unmarshal(raw, &text) != nil {
			return period{}
		}
		p.Start = text
	}
	start, err := parseMoment(p.Start)
	if err != nil {
		return period{}
	}
	end, err := parseMoment(p.End)
	if err != nil || !start.Before(end) {
		end = nextMonth(start)
	}
	return period{start, end}
}

// periodFolders match folder names that contain a billing period.
var periodFolders = [...]*regexp.Regexp{
	regexp.MustCompile(`(?:^|/)(\d{8})-(\d{8})(?:/|$)`),
	regexp.MustCompile(`(?i)(?:^|/)billing_period=(\d{4}-\d{2})(?:/|$)`),
	regexp.MustCompile(`(?i)(?:^|/)year=(\d{4})/month=(\d{1,2})(?:/|$)`),
}

// periodOfPath finds a billing period in AWS's folder names: 20180801-20180901,
// BILLING_PERIOD=2018-08, year=2018/month=8.
func periodOfPath(name string) period {
	for i, p := range periodFolders {
		found := p.FindStringSubmatch(name)
		if found == nil {
			continue
		}
		text, endText := found[1], ""
		switch i {
		case 0:
			endText = found[2]
		case 2:
			text = fmt.Sprintf("%s-%02s", found[1], found[2])
		}
		start, err := parseMoment(text)
		if err != nil {
			continue
		}
		end, err := parseMoment(endText)
		if err != nil || !start.Before(end) {
			end = nextMonth(start)
		}
		return period{start, end}
	}
	return period{}
}
