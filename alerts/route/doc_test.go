package route_test

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"polo/alerts/route"
	catalogue "polo/schema/alerts"
)

// The example of docs/ALERTS.md is a valid file, and the text names every setting.
func TestDoc(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../docs/ALERTS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, routes, ok := strings.Cut(string(file), "\n## Routes\n")
	if !ok {
		t.Fatal("no section Routes")
	}
	_, after, _ := strings.Cut(routes, "```json\n")
	text, _, _ := strings.Cut(after, "```")
	var all []string
	for _, a := range catalogue.All() {
		all = append(all, a.ID)
	}
	c, err := route.Parse([]byte(text), all)
	if err != nil {
		t.Fatalf("the example: %v", err)
	}
	if unused := c.Unused(); len(unused) > 0 {
		t.Errorf("the example does not use %s", unused)
	}
	for id, s := range c.Alerts {
		a, err := catalogue.Named(id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Bind(s.Values, time.Now()); err != nil {
			t.Errorf("the example's %s: %v", id, err)
		}
	}
	names := []string{"dashboard", "runbook", "channels", "routes", "default", "cap", "alerts"}
	var fields func(of reflect.Type)
	fields = func(of reflect.Type) {
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct {
			return
		}
		for i := range of.NumField() {
			if name := of.Field(i).Tag.Get("json"); name != "" {
				names = append(names, name)
				fields(of.Field(i).Type)
			}
		}
	}
	for _, of := range []any{route.Channel{}, route.Route{}, route.Settings{}} {
		fields(reflect.TypeOf(of))
	}
	for _, name := range names {
		if !strings.Contains(routes, "`"+name+"`") {
			t.Errorf("docs/ALERTS.md does not explain %s", name)
		}
	}
}
