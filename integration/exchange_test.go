package integration_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polo/internal/queue"
	"polo/local/stack"
	"polo/producers/exchange"
	"polo/producers/tree/treetest"
)

// TestIngestRecordedExchanges ingests recorded answers and deliveries of each platform: every one is events or has a
// named reason, and a second time adds nothing.
func TestIngestRecordedExchanges(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"github", "cloudflare", "datadog"} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			input := realData(t, platform)
			data := t.TempDir()
			s := ingest(t, data, input)
			if want := exchangesIn(t, input); s.Read != want || s.Skipped != 0 {
				t.Errorf("read %d exchanges, want %d; skipped %q", s.Read, want, s.SkippedFiles)
			}
			if s.Failed != 0 || s.DLQ != 0 {
				t.Errorf("%d failed, %d in the dead-letter queue: %v", s.Failed, s.DLQ, s.Reasons)
			}
			if got := number(t, data, "SELECT count() FROM resource_events FINAL WHERE platform = '"+platform+"' AND event_type NOT LIKE 'scan.%'"); got == 0 || s.Inserted == 0 {
				t.Errorf("%d events, %d of them inserted", got, s.Inserted)
			}
			for _, l := range s.LeftOut {
				if l.Kind == "" || l.Example == "" || l.Count == 0 {
					t.Errorf("left out without a reason or an example: %+v", l)
				}
				t.Logf("no event: %s: %d", l.Kind, l.Count)
			}
			want := tables(t, data)
			again := ingest(t, data, input)
			if again.Inserted != 0 || again.Duplicates != again.Published {
				t.Errorf("the second run inserted %d new events and found %d of %d there", again.Inserted, again.Duplicates, again.Published)
			}
			same(t, "after a second run", want, tables(t, data))
		})
	}
}

// exchangesIn counts the exchanges in a folder.
func exchangesIn(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		all, err := exchange.Parse(text)
		n += int64(len(all))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNoSecretOfExchangesIsAtRest plants secrets in all parts of exchanges of each platform, whole and damaged, and looks for
// them in the tables, the queues' files, the letters and the output.
func TestNoSecretOfExchangesIsAtRest(t *testing.T) {
	t.Parallel()
	p := planted{}
	files := map[string]string{}
	for platform, c := range map[string]struct{ url, body string }{
		"github":     {"https://api.github.com/orgs/acme/repos", `[{"id":1,"node_id":"x","name":"web","full_name":"acme/web","html_url":"https://github.com/acme/web","owner":{"login":"acme","id":2,"type":"Organization"},"description":%s}]`},
		"cloudflare": {"https://api.cloudflare.com/client/v4/accounts/f037e56e89293a057740de681ac9abbe/logpush/jobs", `{"success":true,"errors":[],"messages":[],"result":[{"id":1,"enabled":true,"name":"x","dataset":"x","destination_conf":"https://log.example/in","comment":%s}]}`},
		"datadog":    {"https://api.datadoghq.com/api/v1/monitor", `[{"id":1,"name":"m","type":"metric alert","query":"q","message":%s}]`},
	} {
		quoted := func(s string) string { return fmt.Sprintf("%q", s) }
		one := func(what string) string {
			s := func(where string) string { return p.secret(platform + "'s " + what + ": " + where) }
			body, err := json.Marshal(fmt.Sprintf(c.body, quoted("password="+s("a body"))))
			if err != nil {
				t.Fatal(err)
			}
			return `{"request":{"method":"GET","url":` + quoted(c.url+"?api_key="+s("api_key")+"&application_key="+s("application_key")) + `,"headers":{"Authorization":["Bearer ` + s("authorization") + `"],"Cookie":["a=` + s("a cookie") + `"],` +
				`"X-Auth-Key":["` + s("X-Auth-Key") + `"],"Dd-Application-Key":["` + s("DD-APPLICATION-KEY") + `"]},"body":"{\"client_secret\":\"` + s("a request's body") + `\"}"},` +
				`"response":{"code":200,"headers":{"Date":["Sun, 01 Mar 2026 10:00:00 GMT"],"Set-Cookie":["b=` + s("a cookie that is set") + `"],"Location":["https://x.test/?sig=` + s("a location") + `"]},"body":` + string(body) + `}}`
		}
		damaged := one("damaged exchange")
		files[platform+"/whole.json"] = `[` + one("exchange") + `]`
		files[platform+"/item.json"] = `[` + strings.Replace(one("bad item"), `"code":200`, `"code":"none"`, 1) + `]`
		files[platform+"/cut.json"] = `[` + one("exchange before a cut") + `,` + damaged[:len(damaged)-40]
		files[platform+"/nock.json"] = `[{"scope":"https://x.test","method":"GET","path":"/a","reqheaders":{"authorization":"` + p.secret(platform+"'s nock") + `"},"rawHeaders":["Set-Cookie","` + p.secret(platform+"'s raw headers") + `"],"status":"none","response":{}}]`
		files[platform+"/unread.json"] = `[` + strings.Replace(one("call that nothing reads"), c.url, "https://other.example/users/ada", 1) + `]`
	}
	data := t.TempDir()
	cmd := command(t.Context(), t, "ingest", "--verbose", "--data", data, "--input", treetest.Folder(t, files), "--json")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	// A file that ends in the middle leaves the input incomplete.
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("polo ingest: %v, want exit code 3\n%s", err, out.String())
	}
	if where := p.found(out.String()); where != nil {
		t.Errorf("polo ingest prints secrets of %q:\n%s", where, out.String())
	}
	p.checkFiles(t, data)
	withStack(t, data, func(s *stack.Stack) {
		conn, err := stack.Connect(s.Endpoints.ClickHouseTCP, s.Endpoints.Database, s.Endpoints.Users.Reader)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		// One query for each table: there are many secrets.
		secrets := "['" + strings.Join(slices.Collect(maps.Values(p)), "','") + "']"
		for _, table := range texts(t, conn, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine NOT IN ('View', 'MaterializedView', 'Dictionary')") {
			if n := scanNumber(t, conn, "SELECT count() FROM "+table+" WHERE multiSearchAny(formatRow('TSV', *), "+secrets+")"); n > 0 {
				t.Errorf("%d rows of %s hold a secret", n, table)
			}
		}
		reasons := map[queue.Reason]int{}
		for {
			got, err := s.DLQ.Receive(t.Context(), 10, 0)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) == 0 {
				break
			}
			for _, m := range got {
				f, err := queue.ParseFailure(m)
				if err != nil {
					t.Fatal(err)
				}
				reasons[f.Reason]++
				if where := p.found(m.Body + string(f.Body) + f.Err + f.Origin); where != nil {
					t.Errorf("the secrets of %q are in a letter, %s", where, f.Reason)
				}
			}
		}
		if reasons[queue.ReasonUnreadableFile] != 3 || reasons[queue.ReasonMalformedRecord] < 6 {
			t.Errorf("letters: %v", reasons)
		}
	})
}
