package exchange_test

import (
	"net/url"
	"testing"

	"polo/producers/exchange"
)

func TestCallsHaveNoNames(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://api.github.com/repos/Acme/web/labels/to%20do":                                                                    "GET api.github.com/repos/*/*/labels/*",
		"https://api.github.com/repos/acme/web/git/refs/heads/test":                                                               "GET api.github.com/repos/*/*/git/refs/*",
		"https://api.github.com/repos/acme/web/contents/a/b/c.md?ref=x":                                                           "GET api.github.com/repos/*/*/contents/*",
		"https://api.github.com/repos/acme/web/commits/2a6c97f6f5dc9166cc2e5d0d9541/status":                                       "GET api.github.com/repos/*/*/commits/*/status",
		"https://api.github.com/orgs/acme":                                                                                        "GET api.github.com/orgs/*",
		"https://api.github.com/orgs/acme/actions/runners":                                                                        "GET api.github.com/orgs/*/actions/runners",
		"https://api.github.com/organizations/acme/settings/billing/usage":                                                        "GET api.github.com/organizations/*/settings/billing/usage",
		"https://api.github.com/repositories/515435940/issues?page=2":                                                             "GET api.github.com/repositories/*/issues",
		"https://ghe.acme.test/api/v3/repos/acme/web":                                                                             "GET ghe.acme.test/api/v3/repos/*/*",
		"https://api.github.com/graphql":                                                                                          "GET api.github.com/graphql",
		"https://api.cloudflare.com/client/v4/accounts/f037e56e89293a057740de681ac9abbe/r2/buckets/jb-test-bucket/domains/custom": "GET api.cloudflare.com/client/v4/accounts/*/r2/buckets/*/domains/*",
		"https://api.cloudflare.com/client/v4/accounts/f037e56e89293a057740de681ac9abbe/workers/scripts/script_2/deployments":     "GET api.cloudflare.com/client/v4/accounts/*/workers/scripts/*/deployments",
		"https://api.cloudflare.com/client/v4/zones/0da42c8d2132a9ddaf714f9e7c920711/dns_records/7df6":                            "GET api.cloudflare.com/client/v4/zones/*/dns_records/*",
		"https://api.datadoghq.com/api/v1/usage/indexed-spans?start_hr=2022":                                                      "GET api.datadoghq.com/api/v1/usage/indexed-spans",
		"https://api.datadoghq.com/api/v2/cost/aws_cur_config/123456":                                                             "GET api.datadoghq.com/api/v2/cost/aws_cur_config/*",
		"/relative": "GET /relative", "https://x.test": "GET x.test/",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := exchange.Call(&exchange.Exchange{Method: "GET", URL: u}); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
