package cloudflare_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"polo/internal/secret"
	"polo/producers"
	"polo/producers/cloudflare"
	"polo/producers/emittertest"
	"polo/producers/source"
)

// Each source is made of its settings, and reads the API over HTTP.
func TestRegistrations(t *testing.T) {
	t.Parallel()
	api := newAPI(acme)
	api.SetUsage(acme)
	web := httptest.NewServer(api)
	t.Cleanup(web.Close)
	fields := `{"api_token":"` + token + `"}`
	for _, src := range cloudflare.Registrations() {
		deps := func(setting string) source.Deps {
			return source.Deps{
				Getenv:   func(name string) string { return map[string]string{"POLO_CLOUDFLARE": setting}[name] },
				Secret:   func(string) (secret.Fields, error) { return secret.NewFields(aws.Config{}, fields) },
				Endpoint: web.URL + "/client/v4",
			}
		}
		if _, err := src.New(deps("")); err == nil || !strings.Contains(err.Error(), "POLO_CLOUDFLARE") {
			t.Errorf("%s without a setting: %v", src.Name, err)
		}
		c, err := src.New(deps(one))
		if err != nil {
			t.Fatal(err)
		}
		if src.Name == cloudflare.SourceInventory {
			continue // it would wait for its limit
		}
		at := when(t, "2026-03-10")
		window, err := producers.RunWindow(at, src.Period, src.Lookback)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := producers.Run(t.Context(), producers.RunConfig{Collector: c, Emitter: &emittertest.Recorder{}, Scheduled: at, Window: window})
		if err != nil || len(sum.Gaps) != 0 || sum.Read != 1 || sum.Source != src.Name {
			t.Errorf("%s: %+v, %v", src.Name, sum, err)
		}
	}
}
