// Package loopback protects the embedded stack's local HTTP servers from web pages: a browser would
// send a page's requests to them.
package loopback

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Guard passes on requests of local programs, and answers others with 403: those with another host or
// port, as after DNS rebinding to 127.0.0.1, and those that a web page sends.
func Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := refusalReason(r); why != "" {
			http.Error(w, "forbidden: "+why, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refusalReason says why a request is not a local program's; empty if it is.
func refusalReason(r *http.Request) string {
	if !local(r) {
		return fmt.Sprintf("the Host %q is not this server's: use 127.0.0.1 or localhost with its port", shorten(r.Host))
	}
	for _, name := range []string{"Origin", "Access-Control-Request-Method"} {
		if _, ok := r.Header[name]; ok { //mutant:pages-let-in
			return "web pages have no access: the request has the header " + name
		}
	}
	for _, site := range r.Header["Sec-Fetch-Site"] {
		if site != "none" { // "none" is typed into a browser, but no server here serves pages
			return "web pages have no access: the request has Sec-Fetch-Site " + shorten(site)
		}
	}
	return ""
}

// local reports whether the request's Host names this machine and the port it arrived at.
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

// shorten bounds how much untrusted text is repeated.
func shorten(s string) string {
	if len(s) > 100 {
		return s[:100] + "..."
	}
	return s
}
