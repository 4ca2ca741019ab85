package inventory

import "slices"

// Properties returns the properties that each type's entries read, by type and sorted.
func Properties() (map[string][]string, error) {
	services, _, err := compileAll()
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, s := range services {
		for _, e := range s.entries {
			if e.Hidden {
				continue
			}
			for _, p := range e.properties {
				out[e.Type] = append(out[e.Type], p.key)
			}
		}
	}
	for typ := range out {
		slices.Sort(out[typ])
		out[typ] = slices.Compact(out[typ])
	}
	return out, nil
}
