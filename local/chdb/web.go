package chdb

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"polo/local/loopback"
)

// webDoor proxies the engine's HTTP interface at addr. It passes on requests of known accounts, without anything
// by which the engine could identify another account.
func webDoor(known accounts, addr string) http.Handler {
	engine := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			conn, err := d.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return patientConn{conn.(*net.TCPConn)}, nil
		},
		DisableCompression: true, // client and engine negotiate it
		DisableKeepAlives:  true, // the engine waits for open connections before it ends
	}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: addr})
			// Set them here, because a client may have its own headers dropped on the way.
			u, _ := r.In.Context().Value(accountKey{}).(User)
			r.Out.Header.Set(userHeader, u.Name) //mutant:headers-dropped-on-the-way
			r.Out.Header.Set(keyHeader, u.Password)
		},
		Transport:      engine,
		FlushInterval:  -1, // forward a query's progress at once
		ModifyResponse: closeToPages,
		ErrorLog:       log.New(io.Discard, "", 0), // clients that have disconnected
		ErrorHandler:   noAnswer,
	}
	return loopback.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/ping" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			ping(w, r.Context(), engine, addr)
		case r.URL.Path != "/":
			http.NotFound(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
			http.Error(w, "use GET or POST", http.StatusMethodNotAllowed)
		default:
			u, err := takeAccount(r)
			if err != nil || !known.admit(u) { //mutant:door-of-http-knows-names-alone
				refuseHTTP(w, u, err)
				return
			}
			forward.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), accountKey{}, u)))
		}
	}))
}

// accountKey is the context key of a request's account.
type accountKey struct{}

// ping answers /ping after asking the engine.
func ping(w http.ResponseWriter, ctx context.Context, engine http.RoundTripper, addr string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/ping", nil)
	if err == nil {
		var answer *http.Response
		if answer, err = engine.RoundTrip(r); err == nil {
			err = answer.Body.Close()
		}
		if err == nil && answer.StatusCode != http.StatusOK {
			err = errors.New(answer.Status)
		}
	}
	if err != nil {
		noAnswer(w, r, err)
		return
	}
	_, _ = io.WriteString(w, "Ok.\n") // the client may have disconnected
}

func noAnswer(w http.ResponseWriter, _ *http.Request, err error) {
	http.Error(w, "the engine does not answer: "+err.Error(), http.StatusBadGateway)
}

// The engine's account headers.
const (
	userHeader = "X-Clickhouse-User"
	keyHeader  = "X-Clickhouse-Key"
)

// takeAccount removes the account from a request, in whichever way it is given, and what could name another. An
// account given twice is an error.
func takeAccount(r *http.Request) (User, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return User{}, errors.New("the query string cannot be read")
	}
	said, err := givenIn(r, query)
	if err != nil {
		return User{}, err
	}
	r.Header.Del("Authorization")
	r.Header.Del("Upgrade")
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Clickhouse-") && !harmlessHeader(name) {
			delete(r.Header, name)
		}
	}
	for name := range query {
		if isDoorParameter(name) {
			delete(query, name)
		}
	}
	r.URL.RawQuery = query.Encode()
	switch len(said) {
	case 0:
		return User{Name: "default"}, nil
	case 1:
		return said[0], nil
	}
	return User{}, errors.New("an account is given in more than one way")
}

// givenIn returns the accounts in a request: in its query, in the engine's headers, in Authorization.
func givenIn(r *http.Request, query url.Values) (said []User, err error) {
	for _, way := range []struct {
		user, password string
		of             map[string][]string
	}{{"user", "password", query}, {userHeader, keyHeader, r.Header}} {
		names, passwords := way.of[way.user], way.of[way.password]
		switch {
		case len(names) > 1:
			return nil, errors.New(way.user + " is given more than once")
		case len(passwords) > 1:
			return nil, errors.New(way.password + " is given more than once")
		case names != nil || passwords != nil:
			said = append(said, User{Name: strings.Join(names, ""), Password: strings.Join(passwords, "")})
		}
	}
	if words := r.Header["Authorization"]; words != nil {
		name, password, ok := r.BasicAuth()
		if !ok || len(words) > 1 {
			return nil, errors.New("the Authorization header is not Basic")
		}
		said = append(said, User{Name: name, Password: password})
	}
	return said, nil
}

// harmlessHeader reports whether an engine header affects only the answer's form, not the account.
func harmlessHeader(name string) bool {
	return name == "X-Clickhouse-Database" || name == "X-Clickhouse-Format"
}

// isDoorParameter reports whether a parameter is for the door, or would give roles or web pages access.
func isDoorParameter(name string) bool {
	switch strings.ToLower(name) {
	case "user", "password", "quota_key", "role", "add_http_cors_header", "http_response_headers":
		return true
	}
	return false
}

// closeToPages removes from a response what would let a web page read it.
func closeToPages(r *http.Response) error {
	for name := range r.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			delete(r.Header, name)
		}
	}
	return nil
}

// refuseHTTP answers with the engine's error for a refused login.
func refuseHTTP(w http.ResponseWriter, u User, err error) {
	message := u.Name + refusal
	if err != nil {
		message = "Invalid authentication: " + err.Error()
	}
	code := strconv.Itoa(int(proto.ErrAuthenticationFailed))
	w.Header().Set("X-ClickHouse-Exception-Code", code)
	http.Error(w, "Code: "+code+". DB::Exception: "+message+". (AUTHENTICATION_FAILED)", http.StatusForbidden)
}

// serveWeb serves l until it is closed.
func serveWeb(l net.Listener, door http.Handler) {
	server := &http.Server{Handler: door, ReadHeaderTimeout: greetingTime, IdleTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	_ = server.Serve(l) // it ends with the listener
}
