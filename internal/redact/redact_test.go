package redact_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"polo/internal/redact"
)

// secret matches no rule by its shape.
const secret = "vK7qPz2mWx"

const (
	key40  = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzKvvvvKEY91"
	hash40 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
)

// TestSecretsAreRedacted: a secret is redacted in every form, whole or cut anywhere.
func TestSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a member":               `{"masterUserPassword":"§"}`,
		"in capitals":            `{"DB_PASSWORD":"§"}`,
		"a token":                `{"GITHUB_TOKEN": "§"}`,
		"an API key":             `{"a":{"STRIPE_API_KEY":"§","x":1}}`,
		"a client's secret":      `{"client_secret":"§"}`,
		"a secret":               `{"STRIPE_SECRET":"§"}`,
		"a private key":          `{"ssh_private_key":"§"}`,
		"user data":              `{"userData":"§"}`,
		"where logs go":          `{"destination_conf":"https://logs.example.com?header_X=§"}`,
		"where logs go, in Go":   `{"DestinationConf":"s3://bucket/§"}`,
		"proof of ownership":     `{"ownership_challenge":"§"}`,
		"a tunnel's secret":      `{"id":"x","tunnel_secret":"§","credentials_file":{"TunnelSecret":"§"}}`,
		"a variable of Pages":    `{"env_vars":{"API_KEY":{"type":"secret_text","value":"§"}}}`,
		"a list":                 `{"passwords":["§","§"]}`,
		"an object":              `{"secret":{"a":{"b":"§"}}}`,
		"a list of objects":      `{"tokens":[{"value":["§"]}]}`,
		"name and value":         `{"environment":[{"name":"DB_PASSWORD","value":"§"}]}`,
		"value and name":         `{"environment":[{"value":"§","name":"DB_PASSWORD"}]}`,
		"key and value":          `{"tags":[{"key":"api-key","value":"§"}]}`,
		"capitals":               `{"Parameters":[{"ParameterKey":"DBPassword","ParameterValue":"§"}]}`,
		"an option":              `{"optionSettings":[{"namespace":"a:b","optionName":"DB_PASSWORD","value":"§"}]}`,
		"a named list":           `{"name":"PASSWORD","values":["§"]}`,
		"a secure string":        `{"name":"/a/b","type":"SecureString","value":"§"}`,
		"a header":               `{"name":"Authorization","value":"Bearer §"}`,
		"an authorization":       `{"headers":{"Authorization":"Basic §"}}`,
		"a cookie":               `{"Cookie":"a=§"}`,
		"nested text":            `{"body":"{\"a\":{\"password\":\"§\"}}"}`,
		"nested twice":           `{"body":"{\"a\":\"{\\\"name\\\":\\\"TOKEN\\\",\\\"value\\\":\\\"§\\\"}\"}"}`,
		"a flag":                 `{"command":"run --password=§ --verbose"}`,
		"a flag and a word":      `{"command":"run --db-password §"}`,
		"words":                  `{"command":["run","--password","§"]}`,
		"a word":                 `{"command":["run","--api-key=§"]}`,
		"mysql":                  `{"command":"mysql -u root -p§ db"}`,
		"mysql's words":          `{"command":["mysql","-uroot","-p§"]}`,
		"docker login":           `docker login -u me -p § registry`,
		"curl":                   `curl -u me:§ https://h/x`,
		"curl's words":           `["curl","-u","me:§","https://h"]`,
		"an export":              `{"script":"#!/bin/sh\nexport FOO_TOKEN=§\nrun"}`,
		"an assignment":          "FOO_SECRET='§ x' ./run",
		"at a line's begin":      `{"script":"a\nSECRET_KEY=§\nb"}`,
		"a list of them":         `{"env":["A=b","DB_PASSWORD=§"]}`,
		"a URL":                  `{"DATABASE_URL":"postgres://u:§@h/d"}`,
		"a URL's user":           `https://§@example.com/x`,
		"a slash in it":          `postgres://u:a/§@h/d`,
		"a query":                `{"u":"jdbc:x?password=§"}`,
		"a long query":           `https://h/p?a=b&secret-access-key=§&c=d`,
		"a signed URL":           `https://h/p?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F2026&X-Amz-Signature=§&X-Amz-Security-Token=§`,
		"Oracle":                 `{"u":"jdbc:oracle:thin:scott/§@//h:1521/x"}`,
		"a connection string":    `Server=h;User Id=u;Password=§;Timeout=3`,
		"storage's key":          `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=§==;EndpointSuffix=x`,
		"an error":               `invalid value for password: §`,
		"a Go error":             `calling x: {"name":"DB_PASSWORD","value":"§"} refused`,
		"Python":                 `{'name': 'DB_PASSWORD', 'value': '§'}`,
		"the CLI":                `ParameterKey=DBPassword,ParameterValue=§`,
		"escaped":                `got {\"db_password\":\"§\"}`,
		"YAML":                   "db:\n  password: §\n  user: x",
		"a header's line":        "GET / HTTP/1.1\nAuthorization: Token §\nAccept: x",
		"an escaped name":        `{"pass\u0077ord":"§"}`,
		"below many levels":      strings.Repeat(`{"a":[`, 3000) + `{"password":"§"}` + strings.Repeat(`]}`, 3000),
		"a key's secret":         `{"id":"AKIAIOSFODNN7EXAMPLE","s":"` + key40 + `"}`,
		"a key's secret in text": `keys AKIAIOSFODNN7EXAMPLE and ` + key40 + ` were leaked`,
		"a key's secret as CSV":  `AKIAIOSFODNN7EXAMPLE,` + key40,
		"GitHub":                 `{"a":"x ghp_` + strings.Repeat("aB3", 12) + `"}`,
		"GitHub's new":           `github_pat_` + strings.Repeat("aB3_", 12),
		"Slack":                  `{"hook":"xoxb-1234567890-abcdefghij"}`,
		"a webhook":              `https://hooks.slack.com/services/T000/B000/` + key40,
		"Stripe":                 `sk_live_` + strings.Repeat("aB3", 8),
		"restricted":             `rk_live_` + strings.Repeat("aB3", 8),
		"a key block":            `{"x":"-----BEGIN RSA PRIVATE KEY-----\nS\n-----END RSA PRIVATE KEY-----\n"}`,
		"a cut key block":        "-----BEGIN OPENSSH PRIVATE KEY-----\n§\n§",
		"a JWT":                  `{"x":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.` + key40 + `"}`,
		"a session":              `{"x":"IQoJb3JpZ2luX2Vj` + strings.Repeat("aB3+/", 30) + `"}`,
		"a Kubernetes secret":    `{"kind":"Secret","data":{"x":"§"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.ReplaceAll(text, "§", secret)
			for _, hidden := range []string{secret, key40, strings.Repeat("aB3", 8), "xoxb-1", "aB3_aB3"} {
				if !strings.Contains(text, hidden) {
					continue
				}
				check(t, text, hidden)
			}
		})
	}
}

func check(t *testing.T, text, hidden string) {
	t.Helper()
	out, places := redact.Bytes([]byte(text))
	if bytes.Contains(out, []byte(hidden)) {
		t.Errorf("%s\nis kept as\n%s", clip(text), clip(string(out)))
	}
	if len(places) == 0 {
		t.Errorf("%s: no places", clip(text))
	}
	if json.Valid([]byte(text)) && !json.Valid(out) {
		t.Errorf("%s is not JSON", clip(string(out)))
	}
	if again, places := redact.Bytes(out); !bytes.Equal(again, out) || places != nil {
		t.Errorf("%s becomes %s, at %q", clip(string(out)), clip(string(again)), places)
	}
}

func clip(s string) string { return s[:min(len(s), 300)] }

// TestOtherTextIsKept: text without secrets is kept byte for byte.
func TestOtherTextIsKept(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{}`, `null`, `{"nextToken":"abc","clientToken":"abc","clientRequestToken":"x","paginationToken":"p","lockToken":"l"}`,
		`{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"u"}`, `{"accessKeyId":"ASIAIOSFODNN7EXAMPLE"}`,
		`{"secretId":"prod/db","secretArn":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod-AbCdEf"}`,
		`{"secret":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod-AbCdEf"}`,
		`{"eventSource":"secretsmanager.amazonaws.com","eventName":"GetSecretValue"}`,
		`{"eventName":"GetSessionToken","eventSource":"sts.amazonaws.com"}`,
		`{"passwordPolicy":{"minimumPasswordLength":8,"requireSymbols":true}}`, `{"passwordLastUsed":"2026-01-01"}`,
		`{"tokenType":"Bearer","tokenKeyId":"x","expiresIn":3600}`, `{"manageMasterUserPassword":true,"passwordResetRequired":false}`,
		`{"name":"Name","value":"db-password"}`, `{"key":"team","value":"secret-squirrels"}`,
		`{"Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:*:*:secret:*"}`,
		`https://example.com:8443/a/b@c?x=y`, `git+ssh://git@github.com/a/b`, `https://sts.amazonaws.com/`, `ann@example.com`,
		`arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf`, `{"hash":"` + hash40 + `","accessKeyId":"AKIAIOSFODNN7EXAMPLE"}`,
		`{"masterUserPassword":"HIDDEN_DUE_TO_SECURITY_REASONS"}`, `{"password":null,"secret":"","token":"***"}`, `{"userData":"<sensitiveDataRemoved>"}`,
		`{"secret":"{{resolve:secretsmanager:a:SecretString:b}}"}`, `docker run -p 8080:80 x`, `mkdir -p /a/b`, `{"maxTokens":100,"inputTokens":7}`,
		`{"authorizationType":"NONE"}`, `{"includeCookies":false,"cookies":{"forward":"none"}}`, `{"publicKey":"ssh-rsa AAAA"}`,
		`{"a":1,"b":[1.50,true,null,"\u00e9\/x"], "c" : "A\\B"}`, `{"tags":{"environment":"prod","Name":"x"}}`, "\xff\xfe\x00",
	} {
		if out, places := redact.Bytes([]byte(text)); string(out) != text || places != nil {
			t.Errorf("%s\nbecomes\n%s at %q", text, out, places)
		}
	}
}

// TestSurroundingTextIsKept: the text around a secret is kept.
func TestSurroundingTextIsKept(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, want string
		places   []string
	}{
		{`{"a": 1, "password" : "x","b":"\u00e9"}`, `{"a": 1, "password" : "***","b":"\u00e9"}`, []string{"/password"}},
		{`{"l":[{"name":"A","value":"1"},{"name":"TOKEN","value":"2"}]}`, `{"l":[{"name":"A","value":"1"},{"name":"TOKEN","value":"***"}]}`, []string{"/l/1/value"}},
		{`{"pin_password":1234,"password":true,"x":{"passwords":[1,2]}}`, `{"pin_password":"***","password":"***","x":{"passwords":"***"}}`, []string{"/pin_password", "/password", "/x/passwords"}},
		{`{"credentials":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionToken":"x","expiration":"May 1"}}`, `{"credentials":{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionToken":"***","expiration":"May 1"}}`, []string{"/credentials/sessionToken"}},
		{`{"secrets":[{"name":"A","valueFrom":"arn:aws:ssm:x:1:parameter/a"}],"secret":[1,"b",null]}`, `{"secrets":[{"name":"A","valueFrom":"arn:aws:ssm:x:1:parameter/a"}],"secret":["***","***",null]}`, []string{"/secret/0", "/secret/1"}},
		{`run postgres://u:p@h:5432/d?sslmode=x --password=x; ls -l`, `run postgres://***@h:5432/d?sslmode=x --password=***; ls -l`, []string{"byte 15", "byte 49"}},
		{`{"t":"a\nTOKEN=x\ty\n"}`, `{"t":"a\nTOKEN=***\ty\n"}`, []string{"/t"}},
		{`https://h/?a=1&token=x&b=2#f`, `https://h/?a=1&token=***&b=2#f`, []string{"byte 21"}},
		{`{"password":"x`, `{"password":"***`, []string{"/password"}},
		{`{"a":{"password":"x"},"b`, `{"a":{"password":"***"},"b`, []string{"/a/password"}},
		{`"x","password":"y"}, {"c":1}]`, `"x","password":"***"}, {"c":1}]`, []string{"byte 16"}},
		{`{"name":"SECRET","value":{"S":"x"}}`, `{"name":"SECRET","value":"***"}`, []string{"/value"}},
		{`2026-01-01T00:00:00Z {"password":"x"} took 3 s`, `2026-01-01T00:00:00Z {"password":"***"} took 3 s`, []string{"/password"}},
	} {
		out, places := redact.Bytes([]byte(c.in))
		if string(out) != c.want || !slices.Equal(places, c.places) {
			t.Errorf("%s\nbecomes\n%s at %q, want\n%s at %q", c.in, out, places, c.want, c.places)
		}
		if got := redact.Text(c.in); got != c.want {
			t.Errorf("as text %s\nbecomes\n%s", c.in, got)
		}
	}
}

func TestValue(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"DBPassword", "x", "***"}, {"user:api-key", "x", "***"}, {"Name", "x", "x"}, {"resourceTags/user:Secret", "x", "***"}, {"note", "password=x", "password=***"}, {"secret", "", ""},
	} {
		if got := redact.Value(c[0], c[1]); got != c[2] {
			t.Errorf("%s under %s is %s, want %s", c[1], c[0], got, c[2])
		}
	}
}

// FuzzBytes: no input panics, JSON stays JSON, and a second redaction changes nothing.
func FuzzBytes(f *testing.F) {
	for _, seed := range []string{
		`{"name":"DB_PASSWORD","value":"x","l":[1,{"token":["a"]}]}`, `{"a":"{\"password\":\"x\"}"}`, `mysql -u a -pb --password x https://u:p@h?sig=1`, `{"password":{"a":`,
		`-----BEGIN PRIVATE KEY-----x`, `{"pass\u0077ord":"\ud800"}`, `AKIAIOSFODNN7EXAMPLE ` + key40, `"a":"b"]}{[`, `Authorization: Bearer abcdefghijkl`, `["curl","-u","a:b"]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, places := redact.Bytes(data)
		if (places == nil) != bytes.Equal(out, data) {
			t.Fatalf("%q becomes %q at %q", data, out, places)
		}
		if json.Valid(data) && !json.Valid(out) {
			t.Fatalf("%q becomes %q", data, out)
		}
		if again, _ := redact.Bytes(out); !bytes.Equal(again, out) {
			t.Fatalf("%q becomes %q, then %q", data, out, again)
		}
		_ = redact.Name(string(data))
	})
}

// TestHostileTextTakesLinearTime: the time is linear in the length, whatever the text.
func TestHostileTextTakesLinearTime(t *testing.T) {
	t.Parallel()
	nested := `{"password":"x"}`
	for range 12 {
		text, err := json.Marshal(nested)
		if err != nil {
			t.Fatal(err)
		}
		nested = `{"a":` + string(text) + `}`
	}
	for name, text := range map[string]string{
		"values in values": strings.Repeat(`{"value":`, 50_000), "nested text": nested, "flags": "mysql" + strings.Repeat(` -p -u`, 80_000),
		"URLs": strings.Repeat(`://`, 150_000) + "@", "assignments": strings.Repeat(`token=`, 80_000), "names": strings.Repeat(`name=`, 80_000) + "password=x",
		"tokens": strings.Repeat(`eyJaaaaaaa-`, 40_000) + "password=x", "quotes": strings.Repeat(`password="`, 50_000), "output": strings.Repeat(`password=$(`, 50_000),
		"ats": "://" + strings.Repeat("@", 500_000), "members": strings.Repeat(`{"password":1,"a":`, 30_000), "brackets": strings.Repeat(`[`, 500_000) + "password=x",
		"backslashes": `"` + strings.Repeat(`\`, 500_000) + `password=x`, "thin": strings.Repeat(":thin:", 80_000) + "a/b@",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			redact.Bytes([]byte(text))
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%d bytes took %v", len(text), took)
			}
		})
	}
}

// TestHandler: no secret is logged, wherever in a record it is.
func TestHandler(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(redact.NewHandler(slog.NewJSONHandler(&out, nil))).With(slog.String("token", secret)).WithGroup("g")
	log.Error("calling https://u:"+secret+"@h/x", slog.Any("error", errors.New("password="+secret)), slog.String("db_password", secret),
		slog.Group("in", slog.String("query", "?api_key="+secret)), slog.Int("n", 7), slog.String("kept", "as it is"))
	if text := out.String(); strings.Contains(text, secret) || !strings.Contains(text, `"kept":"as it is"`) || !strings.Contains(text, `"n":7`) || strings.Count(text, "***") != 5 {
		t.Errorf("logged %s", text)
	}
}
