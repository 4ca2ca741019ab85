package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"polo/local/chdb"
)

// ceiling times ClickHouse alone: it inserts the same rows from a file in Native format
// into a table with the same definition and no views.
func ceiling(ctx context.Context, data string) (seconds float64, err error) {
	e, err := chdb.Start(ctx, chdb.Options{Dir: filepath.Join(data, "clickhouse")})
	if err != nil {
		return 0, err
	}
	defer func() {
		if stopErr := e.Stop(); err == nil {
			err = stopErr
		}
	}()
	file := filepath.Join(data, "rows.native")
	if err := download(ctx, e, "SELECT * FROM resource_events FORMAT Native", file); err != nil {
		return 0, err
	}
	if err := query(ctx, e, "CREATE TABLE bench_copy AS resource_events", nil); err != nil {
		return 0, err
	}
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	started := time.Now()
	if err := query(ctx, e, "INSERT INTO bench_copy FORMAT Native", f); err != nil {
		return 0, err
	}
	return time.Since(started).Seconds(), nil
}

func request(ctx context.Context, e *chdb.Engine, sql string, body io.Reader) (*http.Response, error) {
	q := url.Values{"database": {chdb.Database}}
	if body == nil {
		body = strings.NewReader(sql)
	} else {
		q.Set("query", sql)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+e.HTTPAddr+"/?"+q.Encode(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-ClickHouse-User", e.Users.Migrator.Name)
	req.Header.Set("X-ClickHouse-Key", e.Users.Migrator.Password)
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 2000)) // whatever arrived explains the status
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%s: %s", sql, text)
	}
	return resp, nil
}

func query(ctx context.Context, e *chdb.Engine, sql string, body io.Reader) error {
	resp, err := request(ctx, e, sql, body)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func download(ctx context.Context, e *chdb.Engine, sql, path string) error {
	resp, err := request(ctx, e, sql, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, resp.Body); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
