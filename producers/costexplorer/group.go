package costexplorer

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
)

// maxGroups is how many things the API groups by in one request.
const maxGroups = 2

// Group is one thing that costs are grouped by. As text it is the dimension ("SERVICE"),
// or "TAG:" or "COST_CATEGORY:" and the key.
type Group struct {
	Type types.GroupDefinitionType
	// Key is a dimension's name, a tag's key or a cost category's name; empty: what it is
	// grouped by is not known, as in some recordings.
	Key string
}

// Dimensions with a meaning here. Others are told as properties.
const (
	dimAccount   = "LINKED_ACCOUNT"
	dimService   = "SERVICE"
	dimRegion    = "REGION"
	dimZone      = "AZ"
	dimUsageType = "USAGE_TYPE"
	dimResource  = "RESOURCE_ID"
)

// dimensionForm is how the API spells dimensions. Which there are is its own matter: it
// grows.
var dimensionForm = regexp.MustCompile(`^[A-Z][A-Z_]{1,40}$`)

func dimension(key string) Group { return Group{types.GroupDefinitionTypeDimension, key} }

// String is the text form.
func (g Group) String() string {
	if g.Type == types.GroupDefinitionTypeDimension {
		return g.Key
	}
	return string(g.Type) + ":" + g.Key
}

// MarshalText implements encoding.TextMarshaler.
func (g Group) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (g *Group) UnmarshalText(text []byte) error {
	typ, key, found := strings.Cut(string(text), ":")
	switch {
	case !found && dimensionForm.MatchString(typ):
		*g = dimension(typ)
		return nil
	case found && key == "":
		return fmt.Errorf("group %q: no key", text)
	case found && typ == string(types.GroupDefinitionTypeDimension) && dimensionForm.MatchString(key):
		*g = dimension(key)
		return nil
	case found && (typ == string(types.GroupDefinitionTypeTag) || typ == string(types.GroupDefinitionTypeCostCategory)):
		*g = Group{types.GroupDefinitionType(typ), key}
		return nil
	}
	return fmt.Errorf("group %q: neither a dimension (SERVICE) nor TAG:key nor COST_CATEGORY:name", text)
}

// value takes off what the API writes before the value of a tag or a cost category:
// "team$search" is search. Without it, as where the key has a "$" itself and was cut
// elsewhere, the text stays whole.
func (g Group) value(text string) string {
	if g.Type != types.GroupDefinitionTypeTag && g.Type != types.GroupDefinitionTypeCostCategory {
		return text
	}
	return strings.TrimPrefix(text, g.Key+"$")
}

// checkGroups tells what the API would refuse.
func checkGroups(groups []Group) error {
	if len(groups) > maxGroups {
		return fmt.Errorf("%d groups: the API takes %d at most", len(groups), maxGroups)
	}
	if len(groups) == maxGroups && groups[0] == groups[1] {
		return errors.New("the same group twice")
	}
	return nil
}

// definitions is the request's form of groups.
func definitions(groups []Group) []types.GroupDefinition {
	out := make([]types.GroupDefinition, len(groups))
	for i := range groups {
		out[i] = types.GroupDefinition{Type: groups[i].Type, Key: &groups[i].Key}
	}
	return out
}
