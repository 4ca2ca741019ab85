package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"polo/schema/queries"
)

// ask asks the dashboard for a path, as a tile of a page, and returns how long the whole answer took.
func (b *board) ask(ctx context.Context, path, tile string) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.origin.Scheme+"://"+b.origin.Host+path, nil)
	if err != nil {
		return 0, err
	}
	if tile != "" {
		r.Header.Set("Polo-Tile", tile)
	}
	return b.take(r)
}

// askClickHouse asks ClickHouse the same as the Worker does, without it.
func (b *board) askClickHouse(ctx context.Context, bound queries.Bound) (time.Duration, error) {
	values := url.Values{"default_format": {"JSONEachRow"}, "wait_end_of_query": {"1"}}
	for name, value := range bound.Parameters {
		values.Set("param_"+name, value)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+b.ClickHouseHTTP+"/?"+values.Encode(), strings.NewReader(bound.SQL))
	if err != nil {
		return 0, err
	}
	r.Header.Set("X-ClickHouse-User", b.Users.API.Name)
	r.Header.Set("X-ClickHouse-Key", b.Users.API.Password)
	return b.take(r)
}

func (b *board) take(r *http.Request) (time.Duration, error) {
	begin := time.Now()
	resp, err := b.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0, err
	}
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", r.URL.Path, resp.Status)
	}
	return time.Since(begin), nil
}
