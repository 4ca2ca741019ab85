// Package loopback guards HTTP servers of the embedded stack, which listen on this
// machine alone, against web pages: a browser reaches them for whoever wrote the page.
package loopback

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Guard passes on requests that a program of this machine makes, and answers others with 403: those for
// another host or port, as after a name was bound anew to 127.0.0.1, and those that a page makes.
func Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := foreign(r); why != "" {
			http.Error(w, "forbidden: "+why, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// foreign says why a request is not one of this machine's programs; empty when it is.
func foreign(r *http.Request) string {
	if !local(r) {
		return fmt.Sprintf("the Host %q is not this server's: use 127.0.0.1 or localhost with its port", shorten(r.Host))
	}
	for _, name := range []string{"Origin", "Access-Control-Request-Method"} {
		if _, ok := r.Header[name]; ok {
			return "web pages have no access: the request has the header " + name
		}
	}
	for _, site := range r.Header["Sec-Fetch-Site"] {
		if site != "none" { // typed into a browser; no server here serves pages
			return "web pages have no access: the request has Sec-Fetch-Site " + shorten(site)
		}
	}
	return ""
}

// local reports whether the request's Host names this machine and the port that it came to.
func local(r *http.Request) bool {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(r.Host, "["), "]"), "80"
	}
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && port != fmt.Sprint(addr.Port) {
		return false
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Zone() == "" && ip.IsLoopback()
}

// shorten keeps what somebody else wrote to a length that is worth repeating.
func shorten(s string) string {
	if len(s) > 100 {
		return s[:100] + "..."
	}
	return s
}
