package exchange

// Reasons why exchanges become no event, beside those of the readers.
const (
	WhyUncovered = "nothing reads this call"
	WhyError     = "the answer is an error"
	WhyNoAnswer  = "no answer was recorded"
	WhyNothing   = "nothing in the answer is an event"
	WhyGap       = "not read to its end"
)

// LeftOut counts what became no event, by reason and call.
type LeftOut struct {
	Left
	// Example is one of the files.
	Example string
}

func (s *Summary) leave(l Left, example string) {
	for i := range s.Left {
		if have := &s.Left[i]; have.Why == l.Why && have.Call == l.Call {
			have.Count += l.Count
			return
		}
	}
	s.Left = append(s.Left, LeftOut{l, example})
}
