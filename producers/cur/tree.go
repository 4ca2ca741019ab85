package cur

import "polo/producers/tree"

// ErrNoInput means that an input holds nothing to read.
var ErrNoInput = tree.ErrNoInput

// object is a file of a tree.
type object = tree.Object
