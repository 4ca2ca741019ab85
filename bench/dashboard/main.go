// Command dashboard measures the dashboard of a running polo up: what the Worker adds to a question, and what
// people feel who click all at once.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"polo/local/stack"
)

func main() {
	data := flag.String("data", ".polo", "the data directory of the running polo up")
	requests := flag.String("requests", "build/requests.json", "what each page asks for, as make browser records it")
	users := flag.Int("users", 8, "how many click")
	span := flag.Duration("for", time.Minute, "how long they click")
	pairs := flag.Int("pairs", 400, "questions to ask both through the Worker and without it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *data, *requests, *users, *span, *pairs); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, data, requests string, users int, span time.Duration, pairs int) error {
	b, err := join(data)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(requests)
	if err != nil {
		return err
	}
	var pages map[string][]string
	if err := json.Unmarshal(text, &pages); err != nil {
		return fmt.Errorf("%s: %w", requests, err)
	}
	if err := b.overhead(ctx, pairs); err != nil {
		return err
	}
	return b.click(ctx, pages, users, span)
}

// board is a running dashboard, and a session with it.
type board struct {
	stack.Endpoints
	origin *url.URL
	client *http.Client
}

// join signs in to the dashboard of the polo up that runs on data.
func join(data string) (*board, error) {
	text, err := os.ReadFile(filepath.Join(data, "stack.json"))
	if err != nil {
		return nil, fmt.Errorf("no polo up runs on %s: %w", data, err)
	}
	b := &board{}
	if err := json.Unmarshal(text, &b.Endpoints); err != nil {
		return nil, err
	}
	if b.Dashboard == "" {
		return nil, fmt.Errorf("the polo up on %s runs no dashboard", data)
	}
	if b.origin, err = url.Parse(b.Dashboard); err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	b.client = &http.Client{Jar: jar, Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	resp, err := b.client.Get(b.Dashboard)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("signing in: %s", resp.Status)
	}
	return b, nil
}
