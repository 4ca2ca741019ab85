package sqsserver

import "container/heap"

// pending is a container/heap of delayed and in-flight messages, sorted by when they become visible.
type pending []*message

func (p pending) Len() int           { return len(p) }
func (p pending) Less(i, j int) bool { return p[i].visibleAt.Before(p[j].visibleAt) }

func (p pending) Swap(i, j int) {
	p[i], p[j] = p[j], p[i]
	p[i].index, p[j].index = i, j
}

// Push implements heap.Interface.
func (p *pending) Push(x any) {
	m := x.(*message)
	m.index = len(*p)
	*p = append(*p, m)
}

// Pop implements heap.Interface.
func (p *pending) Pop() any {
	last := len(*p) - 1
	m := (*p)[last]
	(*p)[last] = nil
	*p = (*p)[:last]
	return m
}

func (p *pending) add(m *message)    { heap.Push(p, m) }
func (p *pending) remove(m *message) { heap.Remove(p, m.index) }
func (p *pending) fix(m *message)    { heap.Fix(p, m.index) }
