package envelope

import (
	"slices"
	"strings"
)

// Pairs is a small map of texts: its entries in order of key, each key once.
// They are written, hashed and stored in that order as they are, where a map
// would be sorted each time.
type Pairs []Pair

// Pair is one entry of Pairs.
type Pair struct{ Key, Value string }

// PairsOf makes Pairs of a map; nil of nil.
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

// Get is the value of key, "" where there is none.
func (p Pairs) Get(key string) string {
	if i, ok := p.find(key); ok {
		return p[i].Value
	}
	return ""
}

// Has tells whether key is there.
func (p Pairs) Has(key string) bool {
	_, ok := p.find(key)
	return ok
}

// Set gives key a value, in its place. Setting keys in their order is the
// cheapest.
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

// SetSome is Set, unless value is empty.
func (p *Pairs) SetSome(key, value string) {
	if value != "" {
		p.Set(key, value)
	}
}

func (p Pairs) find(key string) (int, bool) {
	return slices.BinarySearchFunc(p, key, func(q Pair, key string) int { return strings.Compare(q.Key, key) })
}

// ordered tells whether the keys are as they must be.
func (p Pairs) ordered() bool {
	for i := 1; i < len(p); i++ {
		if p[i-1].Key >= p[i].Key {
			return false
		}
	}
	return true
}

// normalise orders pairs read from elsewhere; of a key given twice the last
// counts.
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
