package environment_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"polo/internal/environment"
)

type shared struct {
	Region string `env:"REGION,AWS_REGION" default:"here" help:"Where (${default})."`
}

type config struct {
	shared
	Addr  string        `env:"ADDR,required" unit:"HOST:PORT" doc:"where it is"`
	Wait  time.Duration `env:"WAIT" envDefault:"5s" doc:"how long"`
	Again string        `env:"REGION" doc:"named twice"`
	Inner int
}

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func TestRead(t *testing.T) {
	t.Parallel()
	got := config{Inner: 7}
	if err := environment.Read(env("ADDR", "a:1", "WAIT", ""), &got, nil); err != nil {
		t.Fatal(err)
	}
	if got.Addr != "a:1" || got.Wait != 5*time.Second || got.Inner != 7 {
		t.Errorf("read %+v", got)
	}
	never := environment.Parsers{reflect.TypeFor[time.Duration](): func(string) (any, error) { return nil, errors.New("never") }}
	err := environment.Read(env("ADDR", "", "WAIT", "1s"), &config{}, never)
	for _, want := range []string{"ADDR is not set: where it is", "WAIT: never"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	want := []environment.Variable{
		{Name: "REGION", Unit: "text", Default: "here", Doc: "Where."},
		{Name: "ADDR", Unit: "HOST:PORT", Doc: "where it is", Required: true},
		{Name: "WAIT", Unit: "duration: 15m", Default: "5s", Doc: "how long"},
	}
	if diff := cmp.Diff(want, environment.Variables(config{}), cmpopts.IgnoreUnexported(environment.Variable{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := environment.Markdown(want[1:2]); !strings.Contains(got, "| `ADDR` | HOST:PORT | required | where it is |\n") {
		t.Errorf("the table is\n%s", got)
	}
}
