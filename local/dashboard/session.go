package dashboard

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// sessionLife is how long a browser stays signed in.
const sessionLife = 7 * 24 * time.Hour

// loadKey returns the key that signs people in, and makes it the first time. Only the owner may read its
// file; removing the file ends all sessions at the next start.
func loadKey(dir string) (string, error) {
	path := filepath.Join(dir, "key")
	text, err := os.ReadFile(path)
	if key := strings.TrimSpace(string(text)); err == nil && len(key) >= 26 {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading the dashboard's key: %w", err)
	}
	key := rand.Text()
	if err = os.WriteFile(path+".new", []byte(key+"\n"), 0o600); err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return "", fmt.Errorf("writing the dashboard's key: %w", err)
	}
	return key, nil
}

// sessions tell who has signed in. A session is its expiry with a MAC, in a cookie, so that it survives a
// restart and does not give away the key.
type sessions struct {
	key    string
	cookie string // the cookie's name; browsers send a cookie to every port of a host
	now    func() time.Time
}

// signsIn reports whether key is the right one.
func (s sessions) signsIn(key string) bool {
	given, want := sha256.Sum256([]byte(key)), sha256.Sum256([]byte(s.key))
	return subtle.ConstantTimeCompare(given[:], want[:]) == 1
}

// begin sets the cookie of a new session.
func (s sessions) begin(w http.ResponseWriter) {
	s.set(w, s.sealed(s.now().Add(sessionLife)), int(sessionLife/time.Second))
}

// end removes the cookie.
func (s sessions) end(w http.ResponseWriter) { s.set(w, "", -1) }

func (s sessions) set(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: s.cookie, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// in reports whether a request belongs to a session.
func (s sessions) in(r *http.Request) bool {
	for _, c := range r.CookiesNamed(s.cookie) {
		text, _, _ := strings.Cut(c.Value, ".")
		expires, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			continue
		}
		at := time.Unix(expires, 0)
		if subtle.ConstantTimeCompare([]byte(c.Value), []byte(s.sealed(at))) == 1 && s.now().Before(at) {
			return true
		}
	}
	return false
}

// sealed returns a session that ends at a time.
func (s sessions) sealed(expires time.Time) string {
	text := strconv.FormatInt(expires.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.key))
	_, _ = mac.Write([]byte("session until " + text)) // it never fails
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
