//go:build !linux

package chdb

import "errors"

// isolations are the ways to start the child.
func isolations() []isolation { return []isolation{{detached(), false}} }

// first is what the child does first.
const first = stepServe

func enterFence(order) error { return errors.New("this system has no fence") }

func offMainThread(fn func() error) error { return fn() }
