package consumer

import (
	"polo/envelope"
	"polo/schema"
)

// scratch is memory that one batch needs and the next reuses.
type scratch struct {
	decoder *envelope.Decoder
	rows    *schema.Rows
	packs   []*envelope.Pack
}

func newScratch(bounds envelope.Bounds) (*scratch, error) {
	d, err := envelope.NewDecoder(bounds)
	if err != nil {
		return nil, err
	}
	return &scratch{decoder: d, rows: schema.NewRows()}, nil
}

// pack returns the memory for the i-th message of a batch.
func (s *scratch) pack(i int) *envelope.Pack {
	for len(s.packs) <= i {
		s.packs = append(s.packs, &envelope.Pack{})
	}
	return s.packs[i]
}

// trim frees the packs' memory beyond what a portion needs: otherwise dense packs at changing
// places would leave memory at each.
func (s *scratch) trim(portion int) {
	held := 0
	for _, p := range s.packs {
		held += p.Held()
	}
	if held > 2*portion { //mutant:dense-packs-kept
		s.packs = nil
	}
}

// reset prepares s for the next batch.
func (s *scratch) reset(portion int) {
	s.rows.Reset()
	for _, p := range s.packs {
		p.Reset()
	}
	s.trim(portion)
}
