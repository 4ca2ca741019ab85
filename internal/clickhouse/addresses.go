package clickhouse

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Addresses parses host:port, or several separated by commas: interchangeable servers
// of one ClickHouse. Its error names every entry that is not host:port.
func Addresses(text string) ([]string, error) {
	addrs := split(text)
	var errs []error
	for _, a := range addrs {
		host, port, err := net.SplitHostPort(a)
		if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || host == "" || n == 0 {
			errs = append(errs, fmt.Errorf("%q is not host:port", a))
		}
	}
	return addrs, errors.Join(errs...)
}

func split(text string) []string {
	addrs := strings.Split(text, ",")
	for i := range addrs {
		addrs[i] = strings.TrimSpace(addrs[i])
	}
	return addrs
}
