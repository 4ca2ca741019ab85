//go:build !linux

package chdb

import "errors"

// isolations lists the ways to start the child.
func isolations() []isolation { return []isolation{{detached(), false}} }

// first is the child's first step.
const first = stepServe

func enterFence(order) error { return errors.New("this system has no fence") }

func offMainThread(fn func() error) error { return fn() }
