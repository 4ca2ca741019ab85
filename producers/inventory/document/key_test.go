package document_test

import (
	"testing"

	"polo/producers/inventory/document"
)

// The keys of a map are its owner's words: none is respelt or taken for a member that
// holds secrets, but one that speaks of a password is left out.
func TestKeysOfMapsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	type thing struct {
		Attributes  map[string]string
		Environment map[string]string
	}
	got := document.JSON(document.FromSDK(thing{
		Attributes:  map[string]string{"environment": "prod", "team": "x", "Team": "y", "dbPassword": "secret"},
		Environment: map[string]string{"KEY": "secret"},
	}))
	if want := `{"Attributes":{"Team":"y","environment":"prod","team":"x"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
