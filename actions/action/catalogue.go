package action

import "fmt"

// All returns every action, in the order that people read them in.
func All() []Action {
	return []Action{
		TagResource{}, StopInstance{}, RequireIMDSv2{}, VolumeToGP3{}, DeleteVolume{}, ReleaseAddress{}, RevokeOpenIngress{}, DatabasePrivate{}, BlockPublicAccess{}, LogRetention{},
	}
}

// ByID returns the action of an id.
func ByID(id string) (Action, error) {
	for _, a := range All() {
		if a.Info().ID == id {
			return a, nil
		}
	}
	return nil, fmt.Errorf("no action is called %q", id)
}
