package resolve

// State returns the state of the call's resource, from beside its id in the response, or "".
func (s *Resolver) State(c *Candidate) string {
	if !c.match {
		return "" // that state is a part's: an access key's, a route's
	}
	for i := range s.found {
		f := &s.found[i]
		if f.resource.ARN != c.resource.ARN || f.side != Response || f.object < 0 {
			continue
		}
		object := f.object
		for {
			if state := s.stateIn(object, c.typ); state != "" {
				return state
			}
			up := s.objects[object].up
			if up < 0 || s.objects[up].key != s.objects[object].key {
				break
			}
			object = up // {"virtualNode": {"metadata": {"arn": ...}, "status": ...}}
		}
	}
	return ""
}

// stateIn finds a state in a member of an object, or the name within it: {"currentState":
// {"name": "stopping"}}.
func (s *Resolver) stateIn(object int32, typ string) string {
	for i := range s.leaves {
		l := &s.leaves[i]
		switch {
		case l.object == object:
			if l.key.flags&keyState != 0 && (l.key.lower != "cacheclusterstatus" || typ == "cluster") {
				return l.value
			}
		case l.object >= 0 && s.objects[l.object].up == object:
			switch l.parent.lower {
			case "currentstate", "instancestate", "state", "status":
				if l.key.lower == "name" || l.key.lower == "code" && l.parent.lower == "state" || l.key.flags&keyState != 0 {
					return l.value
				}
			}
		}
	}
	return ""
}
