package dashboard

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// app writes an application's files into a folder.
func app(t *testing.T, more map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "assets")
	files := map[string]string{
		"index.html": "the application", "_app/main.abc.js": strings.Repeat("run();\n", 1000), "_app/small.css": "a{}", "favicon.svg": "<svg/>", ".env": "secret",
		"../outside.txt": "secret",
		"_headers":       "# all\n/*\n  X-Content-Type-Options: nosniff\n  X-Twice: a\n  X-Once: a\n/_app/*\n  Cache-Control: public, max-age=31536000, immutable\n  X-Twice: b\n  ! X-Once\n/\n  X-Root: yes\n",
	}
	for name, text := range more {
		files[name] = text
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../outside.txt", filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAssetsAreServedAsByCloudflare(t *testing.T) {
	t.Parallel()
	a, err := openAssets(app(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	const fresh, forever, html = "public, max-age=0, must-revalidate", "public, max-age=31536000, immutable", "text/html; charset=utf-8"
	for _, c := range []struct {
		path                  string
		status                int
		mime, cache, text, by string
	}{
		{"/", 200, html, fresh, "the application", ""},
		{"/costs/by?team=a", 200, html, fresh, "the application", ""},
		{"/index.html", 200, html, fresh, "the application", ""},
		{"/_app", 200, html, fresh, "the application", ""},
		{"/_app/main.abc.js", 200, "text/javascript; charset=utf-8", forever, "run();", "gzip"},
		{"/_app/small.css", 200, "text/css; charset=utf-8", forever, "a{}", ""},
		{"/_app/main.old.js", 404, "text/plain; charset=utf-8", "no-store", "not found", ""},
		{"/favicon.svg", 200, "image/svg+xml", fresh, "<svg/>", ""},
		{"/_headers", 200, html, fresh, "the application", ""},
		{"/.env", 200, html, fresh, "the application", ""},
		{"/link.txt", 200, html, fresh, "the application", ""},
		{"/../outside.txt", 200, html, fresh, "the application", ""},
		{"/_app/../../outside.txt", 200, html, fresh, "the application", ""},
		{"/%2e%2e/outside.txt", 200, html, fresh, "the application", ""},
	} {
		for _, accepts := range []string{"", "gzip, br"} {
			r := httptest.NewRequest(http.MethodGet, c.path, nil)
			r.Header.Set("Accept-Encoding", accepts)
			w := httptest.NewRecorder()
			a.ServeHTTP(w, r)
			h := w.Header()
			var body io.Reader = w.Body
			encoding := ""
			if accepts != "" {
				encoding = c.by
			}
			if h.Get("Content-Encoding") == "gzip" {
				if body, err = gzip.NewReader(w.Body); err != nil {
					t.Fatal(err)
				}
			}
			text, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			if w.Code != c.status || h.Get("Content-Type") != c.mime || h.Get("Cache-Control") != c.cache || !strings.Contains(string(text), c.text) || h.Get("Content-Encoding") != encoding {
				t.Errorf("%s, accepting %q: status %d, %v: %.50s", c.path, accepts, w.Code, h, text)
			}
			if c.status != http.StatusOK {
				continue
			}
			again := httptest.NewRequest(http.MethodGet, c.path, nil)
			again.Header.Set("Accept-Encoding", accepts)
			again.Header.Set("If-None-Match", h.Get("ETag"))
			w = httptest.NewRecorder()
			if a.ServeHTTP(w, again); w.Code != http.StatusNotModified {
				t.Errorf("%s again: status %d", c.path, w.Code)
			}
		}
	}
	header := func(path string) http.Header {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Header()
	}
	if h := header("/_app/small.css"); h.Get("X-Twice") != "a, b" || h.Get("X-Once") != "" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Root") != "" {
		t.Errorf("the headers of a hashed file are %v", h)
	}
	if h := header("/"); h.Get("X-Twice") != "a" || h.Get("X-Once") != "a" || h.Get("X-Root") != "yes" {
		t.Errorf("the headers of / are %v", h)
	}
	w := httptest.NewRecorder()
	if a.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil)); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", w.Code)
	}
}

func TestUnknownHeaderRulesAreRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a host":            "https://a.example/*\n  A: b\n",
		"a placeholder":     "/:page\n  A: b\n",
		"no path":           "  A: b\n",
		"no header":         "/*\n  nonsense\n",
		"a splat's value":   "/*\n  A: :splat\n",
		"a space in a name": "/*\n  A b: c\n",
	} {
		if _, err := openAssets(app(t, map[string]string{"_headers": text})); err == nil || !strings.Contains(err.Error(), "_headers: line") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
