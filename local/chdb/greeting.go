package chdb

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// Bounds of a client's greeting.
const (
	greetingTime = 10 * time.Second
	greetingWord = 4 << 10 // bytes of each name, and of the password
)

// greeting is the first message of a client of the native protocol.
type greeting struct {
	user     User
	database string
}

var errLongWord = fmt.Errorf("a word is longer than %d bytes", greetingWord)

// readGreeting reads no further than the greeting, and allocates nothing for a length that it has not
// checked.
func readGreeting(r *bufio.Reader) (greeting, error) {
	number := func() (uint64, error) { return binary.ReadUvarint(r) }
	word := func() (string, error) {
		n, err := number()
		if err != nil {
			return "", err
		}
		if n > greetingWord { //mutant:length-believed
			return "", errLongWord
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return "", err
		}
		return string(b), nil
	}
	var g greeting
	code, err := number()
	if err == nil && code != uint64(proto.ClientCodeHello) {
		return g, fmt.Errorf("reading a greeting: it begins with %d", code)
	}
	if err == nil {
		_, err = word() // the client's name
	}
	for range 3 { // its version, and the protocol's
		if err == nil {
			_, err = number()
		}
	}
	for _, w := range []*string{&g.database, &g.user.Name, &g.user.Password} {
		if err == nil {
			*w, err = word()
		}
	}
	if err != nil {
		return greeting{}, fmt.Errorf("reading a greeting: %w", err)
	}
	return g, nil
}

// doorkeeper authenticates clients of the native protocol, because the engine aborts on a refused
// login.
type doorkeeper struct{ known accounts }

// admit returns the bytes read, for the engine, or an error if it has refused the client.
func (d doorkeeper) admit(client net.Conn) ([]byte, error) {
	if err := client.SetReadDeadline(time.Now().Add(greetingTime)); err != nil {
		return nil, fmt.Errorf("waiting for a greeting: %w", err)
	}
	var read capture
	r := bufio.NewReader(io.TeeReader(client, &read))
	g, err := readGreeting(r)
	if err != nil {
		return nil, err
	}
	switch {
	case !d.known.admit(g.user): //mutant:door-of-native-open
		return nil, refuse(client, proto.ErrAuthenticationFailed, g.user.Name+refusal)
	case !slices.Contains([]string{"", "default", "system", Database}, g.database):
		return nil, refuse(client, proto.ErrUnknownDatabase, "Database "+g.database+" does not exist")
	}
	if err := client.SetReadDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("after a greeting: %w", err)
	}
	return read, nil
}

// capture records what is written to it.
type capture []byte

func (c *capture) Write(b []byte) (int, error) {
	*c = append(*c, b...)
	return len(b), nil
}

// refusal follows the user's name in the engine's error for a refused login.
const refusal = ": Authentication failed: password is incorrect, or there is no user with such name"

// refuse answers with the engine's error message.
func refuse(client net.Conn, code proto.Error, message string) error {
	var b proto.Buffer
	proto.ServerCodeException.Encode(&b)
	(&proto.Exception{Code: code, Name: "DB::Exception", Message: "DB::Exception: " + message}).EncodeAware(&b, 0)
	if _, err := client.Write(b.Buf); err != nil {
		return fmt.Errorf("refusing a client: %w", err)
	}
	return errors.New("refused a client: " + code.String())
}
