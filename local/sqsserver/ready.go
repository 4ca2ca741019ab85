package sqsserver

// ready is the line of visible messages. A message that leaves it other than by pop is only marked and skipped
// later.
type ready struct {
	list []*message
	head int
	live int // how many of the list are still to be received
}

func (r *ready) push(m *message) {
	m.state = stateReady
	r.list = append(r.list, m)
	r.live++
}

// pushFront puts back a message that was taken and not delivered.
func (r *ready) pushFront(m *message) {
	if r.head == 0 {
		// Double the room, so that putting back many one by one stays cheap.
		room := len(r.list) + 1
		list := make([]*message, room+len(r.list))
		copy(list[room:], r.list)
		r.list, r.head = list, room
	}
	m.state = stateReady
	r.head--
	r.list[r.head] = m
	r.live++
}

// drop takes a message out of the line, wherever it is.
func (r *ready) drop(m *message) {
	m.state = stateGone
	r.live--
}

// pop takes one of the first n messages, which pick chooses, or nil if the line is empty.
func (r *ready) pop(pick func(n int) int) *message {
	for r.head < len(r.list) {
		m := r.list[r.head]
		if m.state == stateReady {
			const window = 64
			i := r.head + pick(min(window, len(r.list)-r.head))
			if r.list[i].state == stateReady {
				m, r.list[i] = r.list[i], m
			}
		}
		r.list[r.head] = nil
		r.head++
		if r.head == len(r.list) {
			r.list, r.head = r.list[:0], 0
		} else if r.head > 1024 && r.head > len(r.list)/2 {
			n := copy(r.list, r.list[r.head:])
			clear(r.list[n:])
			r.list, r.head = r.list[:n], 0
		}
		if m.state == stateReady {
			r.live--
			return m
		}
	}
	return nil
}
