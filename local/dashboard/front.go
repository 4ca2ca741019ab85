package dashboard

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"time"

	"polo/local/loopback"
)

// Paths of the front door itself.
const (
	apiPath    = "/api/"
	logoutPath = "/cdn-cgi/access/logout"
	signInPath = "/cdn-cgi/access/sign-in"
	// assertionHeader is the one that Cloudflare Access adds to a request.
	assertionHeader = "Cf-Access-Jwt-Assertion"

	wrongKey = "This key is wrong."
)

// front is the front door: it signs people in, serves the application, and passes /api/ on to the Worker, as
// Cloudflare does with Access and run_worker_first.
type front struct {
	sessions sessions
	assets   http.Handler
	worker   http.Handler
}

// newFront returns the front door as it is served. worker is the Worker's address.
func newFront(s sessions, files http.Handler, i *issuer, worker string, log *slog.Logger) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: worker})
			r.Out.Host = r.In.Host
		},
		// A connection for each request: it waits where workerd is being restarted.
		Transport: &http.Transport{
			DialContext: dialAbruptly, DisableCompression: true, DisableKeepAlives: true, ResponseHeaderTimeout: time.Minute,
		},
		FlushInterval: -1, // rows stream
		ErrorLog:      slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			writeError(w, http.StatusServiceUnavailable, "unavailable", "the Worker does not answer: the log of polo up says why")
		},
	}
	return loopback.GuardPages(&front{sessions: s, assets: files, worker: asserted(i, proxy)})
}

// dialAbruptly opens a connection that is reset when it is closed. workerd takes a connection that is merely closed
// for one that still awaits its answer, and lets the query run on.
func dialAbruptly(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if err := conn.(*net.TCPConn).SetLinger(0); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// asserted adds the issuer's token to requests, in place of what a client may have sent instead. The session's
// cookie is of no concern to the Worker.
func asserted(i *issuer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err := i.assertion()
		if err != nil {
			writeError(w, http.StatusServiceUnavailable, "unavailable", "no token can be signed")
			return
		}
		r = r.Clone(r.Context())
		for name := range r.Header {
			if strings.HasPrefix(name, "Cf-") || name == "Cookie" || name == "Authorization" {
				delete(r.Header, name)
			}
		}
		r.Header.Set(assertionHeader, token)
		next.ServeHTTP(w, r)
	})
}

// ServeHTTP signs in whoever has the key, and serves whoever has signed in.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, signedIn := r.URL.Query()["key"], f.sessions.in(r)
	switch {
	case r.URL.Path == logoutPath:
		f.sessions.end(w)
		signInPage(w, http.StatusOK, "You are signed out.", "/", "")
	case r.URL.Path == signInPath && r.Method == http.MethodPost:
		f.signIn(w, r)
	case !inAPI(r) && slices.ContainsFunc(key, f.sessions.signsIn):
		f.sessions.begin(w)
		redirect(w, f.here(r))
	case !signedIn:
		f.refuse(w, r)
	case inAPI(r):
		f.worker.ServeHTTP(w, r)
	case strings.HasPrefix(r.URL.Path, "/cdn-cgi/"):
		http.NotFound(w, r)
	default:
		f.assets.ServeHTTP(w, r)
	}
}

// signIn answers the sign-in page's form.
func (f *front) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	to := r.PostFormValue("to")
	if !isPath(to) {
		to = "/"
	}
	if !f.sessions.signsIn(strings.TrimSpace(r.PostFormValue("key"))) {
		signInPage(w, http.StatusUnauthorized, wrongKey, to, "")
		return
	}
	f.sessions.begin(w)
	redirect(w, to)
}

// refuse answers a request without a session: a page for people, JSON for programs. Access tells them apart in the
// same way.
func (f *front) refuse(w http.ResponseWriter, r *http.Request) {
	page := (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html")
	to := f.here(r)
	switch {
	case inAPI(r) || strings.EqualFold(r.Header.Get("X-Requested-With"), "XMLHttpRequest"):
		writeError(w, http.StatusUnauthorized, "unauthenticated", "you are not signed in: open the address that polo up printed")
	case page && r.Header.Get("Sec-Fetch-Site") == "cross-site":
		// A browser does not send the cookie with a link from another site, but does when this page opens itself.
		signInPage(w, http.StatusUnauthorized, "", to, to)
	case page && r.URL.Path == "/" && r.URL.Query().Has("key"):
		signInPage(w, http.StatusUnauthorized, wrongKey, "/", "")
	case page:
		signInPage(w, http.StatusUnauthorized, "", to, "")
	default:
		http.Error(w, "you are not signed in: open the address that polo up printed", http.StatusUnauthorized)
	}
}

func inAPI(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, apiPath) || r.URL.Path == strings.TrimSuffix(apiPath, "/")
}

// here is the path and query of a request, without the dashboard's key. A page may have a parameter key of its own.
func (f *front) here(r *http.Request) string {
	u := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath}
	to := u.EscapedPath()
	var kept []string
	for _, pair := range strings.Split(r.URL.RawQuery, "&") {
		if one, err := url.ParseQuery(pair); pair != "" && (err != nil || !f.sessions.signsIn(one.Get("key"))) {
			kept = append(kept, pair)
		}
	}
	if len(kept) > 0 {
		to += "?" + strings.Join(kept, "&")
	}
	if !isPath(to) {
		return "/"
	}
	return to
}

// isPath reports whether a redirect to it stays on this server. Browsers take \ for /.
func isPath(to string) bool {
	return strings.HasPrefix(to, "/") && (len(to) == 1 || to[1] != '/' && to[1] != '\\') && !strings.ContainsAny(to, "\r\n\t")
}

func redirect(w http.ResponseWriter, to string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// apiError is an error as the Worker answers it.
type apiError struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	RequestID string `json:"request_id"`
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	e := apiError{RequestID: rand.Text()}
	e.Error.Code, e.Error.Message = code, message
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Polo-Request-Id", e.RequestID)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(e) // the client may have disconnected
}
