package main

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"polo/internal/redact"
)

// dialTimeout bounds an endpoint's time to answer.
const dialTimeout = 3 * time.Second

// dial returns nil if something answers at host:port, else why not.
func dial(ctx context.Context, address string) error {
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return errors.New(dialReason(err))
	}
	return conn.Close()
}

// hostPort returns the address that a URL's requests are sent to.
func hostPort(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "", errors.New("it is no URL with a host")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if port == "" {
		return "", errors.New("it is neither http:// nor https://")
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}

// shown is an endpoint as messages show it: one that may hold a password is hidden.
func shown(endpoint string) string {
	if strings.Contains(endpoint, "@") {
		return redact.Mark
	}
	return strconv.Quote(endpoint)
}

// dialReason returns the cause of a dial's error, without its context.
func dialReason(err error) string {
	var dns *net.DNSError
	var number syscall.Errno
	switch {
	case errors.As(err, &dns):
		return "there is no host " + dns.Name
	case errors.As(err, &number):
		return number.Error()
	}
	return err.Error()
}
