package exchange

// Reasons why exchanges become no event, beside those of the readers.
const (
	WhyUncovered = "nothing reads this call"
	WhyError     = "the answer is an error"
	WhyNoAnswer  = "no answer was recorded"
	WhyNothing   = "nothing in the answer is an event"
	WhyGap       = "not read to its end"
	WhyInvalid   = "the answer is not as documented"
)
