package queue_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/internal/queue"
)

// TestLettersHoldNoSecret: whatever the body is, its letter holds no secret and says where
// one was.
func TestLettersHoldNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "vK7qPz2mWx"
	member := `"a b;c%":{"password":"` + secret + `"}`
	large := `{"pad":"` + strings.Repeat("text ", 20_000) + `","password":"` + secret + `","end":"` + strings.Repeat("x", 100) + `"}`
	for name, c := range map[string]struct {
		body string
		want []string
		room int
		cut  bool
	}{
		"JSON":     {body: `{` + member + `}`, want: []string{"/a b;c%/password"}, room: maxMessage},
		"damaged":  {body: `{` + member + `,"x`, want: []string{"/a b;c%/password"}, room: maxMessage},
		"text":     {body: "run --password=" + secret, want: []string{"byte 15"}, room: maxMessage},
		"not text": {body: "\x00{" + member + "}", want: []string{"/a b;c%/password"}, room: maxMessage},
		"packed":   {body: large, want: []string{"/password"}, room: 20_000},
		"cut":      {body: string(random(5_000)) + "password=" + secret, want: []string{"byte 5009"}, room: 4_000, cut: true},
		"none":     {body: `{"a":1}`, room: maxMessage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := queue.Failure{Reason: queue.ReasonMalformedRecord, Err: "near token=" + secret, Unit: queue.UnitRecord, Body: []byte(c.body), Origin: "s3://u:" + secret + "@b/k"}
			out, cut, err := f.CutMessage(c.room)
			if err != nil || cut != c.cut || out.Size() > c.room {
				t.Fatalf("%d bytes, cut %v, %v", out.Size(), cut, err)
			}
			got, err := queue.ParseFailure(received(out))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got.Redacted); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
			for what, text := range map[string]string{"body": string(got.Body), "error": got.Err, "origin": got.Origin} {
				if strings.Contains(text, secret) {
					t.Errorf("a secret is in the %s: %.200q", what, text)
				}
			}
			if c.want == nil && string(got.Body) != c.body {
				t.Errorf("the body is %q", got.Body)
			}
			// A letter that is parsed and written again is the same.
			again, _, err := got.CutMessage(c.room)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(out, again); diff != "" && !c.cut {
				t.Errorf("written again (-first +second):\n%s", diff)
			}
		})
	}
}

// TestManyPlacesFit: a letter lists as many places as fit.
func TestManyPlacesFit(t *testing.T) {
	t.Parallel()
	f := queue.Failure{Reason: "r", Unit: queue.UnitRecord, Body: []byte(`{"` + strings.Repeat("\u00e9;", 300) + `":{"password":"x"},"l":[` + strings.Repeat(`{"token":"x"},`, 2000) + `1]}`)}
	out, err := f.Message(maxMessage)
	if err != nil {
		t.Fatal(err)
	}
	got, err := queue.ParseFailure(received(out))
	if err != nil || len(got.Redacted) < 3 || strings.Contains(string(got.Body), `"x"`) || len(out.Attributes["Encoding"]) > 1<<10 {
		t.Errorf("%v, %d places, encoding %q", err, len(got.Redacted), out.Attributes["Encoding"])
	}
}
