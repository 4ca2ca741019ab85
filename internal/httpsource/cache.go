package httpsource

import (
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Cache keeps answers that state a version (ETag, Last-Modified) in memory, so that they are
// asked for again on the condition that they have changed. An answer counts for the one
// credential that it was given to. It is bounded, and drops what was not used for longest.
// Safe for concurrent use; a nil Cache keeps nothing.
type Cache struct {
	limits CacheLimits

	mu    sync.Mutex
	all   map[cacheKey]*list.Element
	order *list.List // of *kept, the last one put first: an answer that is used is put again
	bytes int
}

// CacheLimits bound a cache: its answers, their bytes, and the bytes of one.
type CacheLimits struct{ Entries, Bytes, Body int }

// cacheKey is a hash of credential, address and Accept.
type cacheKey [sha256.Size]byte

// kept is an answer in a cache. It is not changed.
type kept struct {
	key    cacheKey
	header http.Header
	body   []byte
}

// NewCache returns an empty cache.
func NewCache(limits CacheLimits) *Cache {
	return &Cache{limits: limits, all: map[cacheKey]*list.Element{}, order: list.New()}
}

// keyOf returns the key of a request that has its credentials.
func keyOf(r *http.Request, credentials []string) cacheKey {
	parts := slices.Concat(slices.Sorted(slices.Values(credentials)), []string{r.URL.String()}, r.Header["Accept"])
	h := sha256.New()
	for _, part := range parts {
		_, _ = h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))) // so that no two lists hash the same
		_, _ = h.Write([]byte(part))
	}
	return cacheKey(h.Sum(nil))
}

// get returns a kept answer, nil if there is none.
func (c *Cache) get(key cacheKey) *kept {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.all[key]
	if e == nil {
		return nil
	}
	k, _ := e.Value.(*kept)
	return k
}

// put keeps an answer that may be kept, in place of an older one.
func (c *Cache) put(key cacheKey, a *Answer) {
	if c == nil || a.Request.Method != http.MethodGet {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(c.all[key])
	k := &kept{key: key, header: a.Header, body: a.Body}
	if a.Status != http.StatusOK || !versioned(a.Header) || len(a.Body) > c.limits.Body || k.size() > c.limits.Bytes {
		return
	}
	c.all[key] = c.order.PushFront(k)
	c.bytes += k.size()
	for len(c.all) > c.limits.Entries || c.bytes > c.limits.Bytes {
		c.drop(c.order.Back())
	}
}

// drop forgets an answer. The lock is held.
func (c *Cache) drop(e *list.Element) {
	if e == nil {
		return
	}
	k, _ := c.order.Remove(e).(*kept)
	delete(c.all, k.key)
	c.bytes -= k.size()
}

// size is roughly how many bytes an answer takes.
func (k *kept) size() int {
	n := len(k.body)
	for name, values := range k.header {
		n += len(name) + len(strings.Join(values, ""))
	}
	return n
}

// versioned reports whether an answer has a version, and may be kept.
func versioned(h http.Header) bool {
	caching := strings.ToLower(strings.Join(h.Values("Cache-Control"), ","))
	return h.Get("Etag")+h.Get("Last-Modified") != "" && !strings.Contains(caching, "no-store") && h.Get("Vary") != "*"
}

// ask makes a request conditional on a change of what is kept.
func (k *kept) ask(r *http.Request) {
	for version, condition := range map[string]string{"Etag": "If-None-Match", "Last-Modified": "If-Modified-Since"} {
		if v := k.header.Get(version); v != "" {
			r.Header.Set(condition, v)
		}
	}
}

// updated returns the kept answer's headers, those of the answer "not modified" first.
func (k *kept) updated(fresh http.Header) http.Header {
	h := k.header.Clone()
	maps.Copy(h, fresh)
	return h
}

// Forget drops an answer from its cache: for one whose meaning depends on more than its
// content, such as a full page that is the last.
func (a *Answer) Forget() {
	if a.cache == nil {
		return
	}
	a.cache.mu.Lock()
	defer a.cache.mu.Unlock()
	a.cache.drop(a.cache.all[a.key])
}
