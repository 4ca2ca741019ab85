package httpsource_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"polo/internal/httpsource"
)

func TestPagesByLinks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, link string // of page 2
		want       []int
		fails      bool
	}{
		{name: "to the end", want: []int{1, 2}},
		{name: "without an end", link: `<https://api.example.com/v1/items?page=1>; rel="next"`, want: []int{1, 2}, fails: true},
		{name: "to another host", link: `<https://api.example.org/v1/items?page=3>; rel="next"`, want: []int{1}, fails: true},
		{name: "to no address", link: `<%>; rel="next"`, want: []int{1}, fails: true},
		{name: "back alone", link: `<https://api.example.com/v1/items?page=1>; rel="prev"`, want: []int{1, 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := &api{answer: func(_ int, r *http.Request) (int, map[string]string, string) {
				page := r.URL.Query().Get("page")
				if page == "1" {
					return 200, map[string]string{"Link": `<https://api.example.com/v1/items?page=9>; rel="last", <https://api.example.com/v1/items?page=2>; rel="next"`}, `{"n":1}`
				}
				return 200, map[string]string{"Link": tc.link}, fmt.Sprintf(`{"n":%s}`, page)
			}}
			c := client(t, a, httpsource.Config{})
			type page struct{ N int }
			var got []int
			var failed error
			for p, err := range httpsource.Pages(t.Context(), c, httpsource.Request{Path: "/items", Query: map[string][]string{"page": {"1"}}},
				func(a *httpsource.Answer, _ *page) (*httpsource.Request, error) { return c.NextLink(a) }) {
				if err != nil {
					failed = err
					break
				}
				got = append(got, p.N)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || (failed != nil) != tc.fails {
				t.Errorf("error %v, pages %v", failed, got)
			}
			var failure *httpsource.Error
			if tc.fails && (!errors.As(failed, &failure) || failure.Reason != httpsource.Invalid) {
				t.Errorf("error %v", failed)
			}
		})
	}
}

func TestDecodeLosesNoDigit(t *testing.T) {
	t.Parallel()
	a := &httpsource.Answer{Body: []byte(`{"cost":0.1000000000000000055511151231257827}`)}
	var v map[string]any
	if err := a.Decode(&v); err != nil || v["cost"] != json.Number("0.1000000000000000055511151231257827") {
		t.Errorf("%v, error %v", v, err)
	}
	for _, body := range []string{"", "<html>", `{"cost":`, `{} {}`} {
		err := (&httpsource.Answer{Status: 200, Body: []byte(body)}).Decode(&v)
		var failure *httpsource.Error
		if !errors.As(err, &failure) || failure.Reason != httpsource.Invalid {
			t.Errorf("%q: error %v", body, err)
		}
	}
}
