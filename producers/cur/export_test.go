package cur

import "time"

// Manifest is what the tests look at of a manifest.
type Manifest struct {
	ID, Report, Payer string
	Period            time.Time
	Keys              []string
}

// ParseManifest is parseManifest.
func ParseManifest(name string, data []byte) (Manifest, error) {
	m, err := parseManifest(name, data)
	return Manifest{m.id, m.report, m.payer, m.start, m.keys}, err
}
