package loopback

import "net/http"

// GuardPages is Guard for a server that serves pages: it also passes on what its own pages send, and links from
// other pages, which open a page of this server and let nobody read it.
func GuardPages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := pageRefusalReason(r); why != "" {
			http.Error(w, "forbidden: "+why, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// pageRefusalReason says why a request is neither a local program's nor one of this server's pages; empty if it is.
func pageRefusalReason(r *http.Request) string {
	own := r.Clone(r.Context())
	for _, origin := range r.Header["Origin"] {
		if origin != "http://"+r.Host {
			return "other web pages have no access: the request has the Origin " + shorten(origin)
		}
	}
	own.Header.Del("Origin")
	link := (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	if sites := r.Header["Sec-Fetch-Site"]; link || len(sites) == 1 && sites[0] == "same-origin" {
		own.Header.Del("Sec-Fetch-Site")
	}
	return refusalReason(own)
}
