package envelope

import (
	"slices"
	"strings"
)

// Pairs is a small map of strings: entries sorted by key, each key once. It is written,
// hashed and stored in that order, where a map would be sorted each time.
type Pairs []Pair

// Pair is one entry of Pairs.
type Pair struct{ Key, Value string }

// PairsOf returns m as Pairs; nil for nil.
func PairsOf(m map[string]string) Pairs {
	if m == nil {
		return nil
	}
	p := make(Pairs, 0, len(m))
	for k, v := range m {
		p = append(p, Pair{k, v})
	}
	slices.SortFunc(p, comparePairs)
	return p
}

// Get returns the value of key, or "" if there is none.
func (p Pairs) Get(key string) string {
	if i, ok := p.find(key); ok {
		return p[i].Value
	}
	return ""
}

// Has reports whether key is present.
func (p Pairs) Has(key string) bool {
	_, ok := p.find(key)
	return ok
}

// Set sets the value of key. Setting keys in sorted order is the cheapest.
func (p *Pairs) Set(key, value string) {
	if n := len(*p); n == 0 || (*p)[n-1].Key < key {
		*p = append(*p, Pair{key, value})
		return
	}
	i, ok := p.find(key)
	if ok {
		(*p)[i].Value = value
		return
	}
	*p = slices.Insert(*p, i, Pair{key, value})
}

// SetSome calls Set unless value is empty.
func (p *Pairs) SetSome(key, value string) {
	if value != "" {
		p.Set(key, value)
	}
}

func (p Pairs) find(key string) (int, bool) {
	return slices.BinarySearchFunc(p, key, func(q Pair, key string) int { return strings.Compare(q.Key, key) })
}

// ordered reports whether the keys are sorted and unique.
func (p Pairs) ordered() bool {
	for i := 1; i < len(p); i++ {
		if p[i-1].Key >= p[i].Key {
			return false
		}
	}
	return true
}

// normalise sorts pairs from another producer; of a key given twice the last counts.
func (p Pairs) normalise() Pairs {
	if p.ordered() {
		return p
	}
	slices.SortStableFunc(p, comparePairs)
	n := 0
	for i := range p {
		if i+1 < len(p) && p[i].Key == p[i+1].Key {
			continue
		}
		p[n] = p[i]
		n++
	}
	return p[:n]
}

func comparePairs(a, b Pair) int { return strings.Compare(a.Key, b.Key) }
