// Package environment reads a program's configuration from its environment into a struct. The
// struct's tags declare everything about a variable; the package also describes such a struct for
// people.
//
// The tags of a field are those of github.com/caarlos0/env (env:"NAME" or env:"NAME,required",
// envDefault), doc (its meaning) and unit (the format of its text, if its type does not tell).
package environment

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Parsers parse a variable's text into a field, by the field's type.
type Parsers map[reflect.Type]env.ParserFunc

// Read fills the struct that into points to. It reports every missing or wrong variable at once, by
// name. An empty variable counts as not set.
func Read(getenv func(string) string, into any, parsers Parsers) error {
	variables := Variables(into)
	set := map[string]string{}
	for _, v := range variables {
		if text := getenv(v.Name); text != "" {
			set[v.Name] = text
		}
	}
	err := env.ParseWithOptions(into, env.Options{Environment: set, FuncMap: parsers})
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	errs := make([]error, len(all.Errors))
	for i, err := range all.Errors {
		errs[i] = explain(err, variables)
	}
	return errors.Join(errs...)
}

// explain names the variable that an error is about.
func explain(err error, variables []Variable) error {
	var missing env.VarIsNotSetError
	var wrong env.ParseError
	for _, v := range variables {
		switch {
		case errors.As(err, &missing) && v.Name == missing.Key:
			return fmt.Errorf("%s is not set: %s", v.Name, v.Doc)
		case errors.As(err, &wrong) && v.field == wrong.Name:
			return fmt.Errorf("%s: %w", v.Name, wrong.Err)
		}
	}
	return err
}

// Variable is an environment variable.
type Variable struct {
	Name, Unit, Default, Doc string
	Required                 bool

	field string
}

// Variables returns the variables that a struct reads, each once, in the order of its fields.
// Nested structs count as part of it. It also reads the tags of github.com/alecthomas/kong: env,
// default, help.
func Variables(of any) []Variable {
	t := reflect.TypeOf(of)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(variables(t), func(v Variable) bool {
		again := seen[v.Name]
		seen[v.Name] = true
		return again
	})
}

func variables(t reflect.Type) []Variable {
	var out []Variable
	for i := range t.NumField() {
		f := t.Field(i)
		names, ok := f.Tag.Lookup("env")
		if !ok {
			if f.Type.Kind() == reflect.Struct {
				out = append(out, variables(f.Type)...)
			}
			continue
		}
		name, options, _ := strings.Cut(names, ",")
		v := Variable{
			Name: name, Default: f.Tag.Get("envDefault") + f.Tag.Get("default"), Doc: f.Tag.Get("doc") + strings.ReplaceAll(f.Tag.Get("help"), " (${default})", ""),
			Unit: f.Tag.Get("unit"), Required: options == "required", field: f.Name,
		}
		if v.Unit == "" {
			v.Unit = unitOf(f.Type)
		}
		out = append(out, v)
	}
	return out
}

func unitOf(t reflect.Type) string {
	switch {
	case t.String() == "time.Duration":
		return "duration: 15m"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int64, t.Kind() == reflect.Int:
		return "integer"
	}
	return "text"
}

// Markdown returns a table of variables.
func Markdown(variables []Variable) string {
	var b strings.Builder
	b.WriteString("| variable | type, unit | default | meaning |\n|---|---|---|---|\n")
	cell := strings.NewReplacer("|", `\|`, "\n", " ").Replace
	for _, v := range variables {
		standard := "none"
		switch {
		case v.Required:
			standard = "required"
		case v.Default != "":
			standard = "`" + v.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", v.Name, cell(v.Unit), cell(standard), cell(v.Doc))
	}
	return b.String()
}
