package recorded

// Reasons why files and items become no event, beside the inventory's.
const (
	WhyNoCall    = "no_call"
	WhyNoValues  = "no_values"
	WhyError     = "error_answer"
	WhyUncovered = "not_covered"
)

// Left counts what became no event, by reason and, if the reason is about a call, by
// call.
type Left struct {
	Why string
	// Call is "ec2:DescribeInstances".
	Call  string
	Count int
	// Example is one of the files.
	Example string
}

func (c *collection) leave(n int, l Left) {
	for i := range c.sum.Left {
		if have := &c.sum.Left[i]; have.Why == l.Why && have.Call == l.Call {
			have.Count += n
			return
		}
	}
	l.Count = n
	c.sum.Left = append(c.sum.Left, l)
}
