package ingest

import "polo/producers/exchange"

// LeftOut counts what became no event, by reason and call.
type LeftOut struct {
	exchange.Left
	// Example is one of the files.
	Example string
}

func (s *Summary) leave(l exchange.Left, example string) {
	for i := range s.Left {
		if have := &s.Left[i]; have.Why == l.Why && have.Call == l.Call {
			have.Count += l.Count
			return
		}
	}
	s.Left = append(s.Left, LeftOut{l, example})
}
