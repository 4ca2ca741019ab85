package cur

import "time"

// Manifest is the part of a manifest that tests check.
type Manifest struct {
	ID, Report, Payer string
	Period            time.Time
	Keys              []string
}

// ParseManifest calls parseManifest.
func ParseManifest(name string, data []byte) (Manifest, error) {
	m, err := parseManifest(name, data)
	return Manifest{m.id, m.report, m.payer, m.start, m.keys}, err
}
