package document_test

import (
	"testing"

	"polo/producers/inventory/document"
)

// Keys of a map are the customer's words: they keep their spelling and are not treated as secret
// members; only one that names a password is left out.
func TestKeysOfMapsAreUnchanged(t *testing.T) {
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
