package costexplorer

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
)

// maxGroups bounds the groups in one request; the API's limit.
const maxGroups = 2

// Group is a key that costs are grouped by. Its text is the dimension ("SERVICE"), or "TAG:" or
// "COST_CATEGORY:" and the key.
type Group struct {
	Type types.GroupDefinitionType
	// Key is a dimension's name, a tag's key or a cost category's name; empty if it is unknown,
	// as in some recordings.
	Key string
}

// Dimensions with an event field. Others are properties.
const (
	dimAccount   = "LINKED_ACCOUNT"
	dimService   = "SERVICE"
	dimRegion    = "REGION"
	dimZone      = "AZ"
	dimUsageType = "USAGE_TYPE"
	dimResource  = "RESOURCE_ID"
)

// dimensionForm is the API's spelling of dimensions. New dimensions are allowed.
var dimensionForm = regexp.MustCompile(`^[A-Z][A-Z_]{1,40}$`)

func dimension(key string) Group { return Group{types.GroupDefinitionTypeDimension, key} }

// String returns the text form.
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

// value removes the prefix that the API puts before the value of a tag or a cost category:
// "team$search" is search. Text without the prefix, as when the key contains "$", is unchanged.
func (g Group) value(text string) string {
	if g.Type != types.GroupDefinitionTypeTag && g.Type != types.GroupDefinitionTypeCostCategory {
		return text
	}
	return strings.TrimPrefix(text, g.Key+"$")
}

// checkGroups returns an error for groups that the API would reject.
func checkGroups(groups []Group) error {
	if len(groups) > maxGroups {
		return fmt.Errorf("%d groups: the API allows %d at most", len(groups), maxGroups)
	}
	if len(groups) == maxGroups && groups[0] == groups[1] {
		return errors.New("the same group twice")
	}
	return nil
}

// definitions returns the groups in the request's form.
func definitions(groups []Group) []types.GroupDefinition {
	out := make([]types.GroupDefinition, len(groups))
	for i := range groups {
		out[i] = types.GroupDefinition{Type: groups[i].Type, Key: &groups[i].Key}
	}
	return out
}
