package stack

import "path/filepath"

// Look tells which process runs the stack on a data directory, if one does. It changes nothing.
func Look(dir string) (h Holder, running bool, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return Holder{}, false, err
	}
	if running, err = held(dir); err != nil || !running {
		return Holder{}, false, err
	}
	return holder(dir), true, nil
}
