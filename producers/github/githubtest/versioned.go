package githubtest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
)

// versioned holds back an answer until its version is known: that of body and credential, and
// not of the links to other pages.
type versioned struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (v *versioned) WriteHeader(status int) { v.status = status }

// Write implements http.ResponseWriter.
func (v *versioned) Write(b []byte) (int, error) { return v.body.Write(b) }

// finish sends the answer, and reports whether that is "not modified", without what describes
// a body.
func (v *versioned) finish(r *http.Request) bool {
	h := v.Header()
	if r.Method == http.MethodGet && v.status == http.StatusOK {
		h.Set("Etag", fmt.Sprintf(`W/"%x"`, sha256.Sum256(append(v.body.Bytes(), r.Header.Get("Authorization")...))))
		h.Set("Cache-Control", "private, max-age=60, s-maxage=60")
		if r.Header.Get("If-None-Match") == h.Get("Etag") {
			h.Del("Link")
			h.Del("Content-Type")
			v.ResponseWriter.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	v.ResponseWriter.WriteHeader(v.status)
	_, _ = v.ResponseWriter.Write(v.body.Bytes())
	return false
}
