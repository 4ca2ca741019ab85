package dashboard

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"time"
)

// The names that assets have a meaning for.
const (
	index       = "index.html"
	headersFile = "_headers"
	// hashed is the folder of the files whose names change with their content.
	hashed = "_app/"
)

// compressed is the size in bytes from which text is compressed.
const compressed = 1 << 10

// assets serves the application's files as Cloudflare's static assets do: with the headers that _headers
// gives, and with index.html for every path that is no file. It reads them anew for each request, so that
// a build shows at once.
type assets struct{ files fs.FS }

// openAssets returns the assets in a folder.
func openAssets(dir string) (assets, error) {
	a := assets{folder(dir)}
	_, err := a.rules()
	return a, err
}

// folder is a folder's files, without what a link in it leads to outside. A build may replace the folder itself.
type folder string

// Open opens a file.
func (f folder) Open(name string) (fs.File, error) { return os.OpenInRoot(string(f), name) }

func (a assets) rules() (headerRules, error) {
	text, err := fs.ReadFile(a.files, headersFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the headers of the dashboard's files: %w", err)
	}
	return parseHeaders(string(text))
}

// ServeHTTP answers a request for a file, or for a page of the application.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "use GET", http.StatusMethodNotAllowed)
		return
	}
	at := path.Clean(r.URL.Path)
	name := strings.TrimPrefix(at, "/")
	text, err := a.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		// A missing hashed file is of another build. Cloudflare answers index.html, which a browser would keep for a year.
		if strings.HasPrefix(name, hashed) {
			w.Header().Set("Cache-Control", "no-store")
			http.NotFound(w, r)
			return
		}
		name = index
		text, err = a.read(name)
	}
	var rules headerRules
	if err == nil {
		rules, err = a.rules()
	}
	if err != nil {
		http.Error(w, "the dashboard's files cannot be read", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("Cache-Control", "public, max-age=0, must-revalidate")
	if strings.HasPrefix(name, hashed) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	sum := sha256.Sum256(text)
	tag := base64.RawURLEncoding.EncodeToString(sum[:15])
	if isText(name) {
		h.Set("Vary", "Accept-Encoding")
		if len(text) >= compressed && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			text = zipped(text)
			tag += "-gzip"
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	rules.apply(h, at)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(text))
}

// read returns a file. What is none for visitors does not exist.
func (a assets) read(name string) ([]byte, error) {
	if !fs.ValidPath(name) || name == "." || name == headersFile || strings.HasPrefix(path.Base(name), ".") {
		return nil, fs.ErrNotExist
	}
	if info, err := fs.Stat(a.files, name); err != nil || !info.Mode().IsRegular() {
		return nil, fs.ErrNotExist
	}
	return fs.ReadFile(a.files, name)
}

func zipped(text []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(text) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// contentType returns the type of a file that a build may have; the machine's own table may lack some.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".wasm":
		return "application/wasm"
	}
	return "application/octet-stream"
}

func isText(name string) bool {
	t := contentType(name)
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "json") || strings.HasSuffix(t, "+xml")
}
