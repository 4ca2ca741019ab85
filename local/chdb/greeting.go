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

// Bounds of a client's first words.
const (
	greetingTime = 10 * time.Second
	greetingWord = 4 << 10 // of each name, and of the password
)

// greeting is how a client of the native protocol begins.
type greeting struct {
	user     User
	database string
}

var errLongWord = fmt.Errorf("a word is longer than %d bytes", greetingWord)

// readGreeting reads no further than the greeting, and allocates for no length that it has not checked.
func readGreeting(r *bufio.Reader) (greeting, error) {
	number := func() (uint64, error) { return binary.ReadUvarint(r) }
	word := func() (string, error) {
		n, err := number()
		if err != nil {
			return "", err
		}
		if n > greetingWord {
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

// doorkeeper reads the first words of the native protocol and turns away whom the
// engine would: letting nobody in is one more thing that it takes for a failure of
// its own.
type doorkeeper struct{ known accounts }

// admit returns what it has read for the engine, or an error when the client was
// turned away.
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
	case !d.known.admit(g.user):
		return nil, refuse(client, proto.ErrAuthenticationFailed, g.user.Name+refusal)
	case !slices.Contains([]string{"", "default", "system", Database}, g.database):
		return nil, refuse(client, proto.ErrUnknownDatabase, "Database "+g.database+" does not exist")
	}
	if err := client.SetReadDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("after a greeting: %w", err)
	}
	return read, nil
}

// capture keeps what is written to it.
type capture []byte

func (c *capture) Write(b []byte) (int, error) {
	*c = append(*c, b...)
	return len(b), nil
}

// refusal follows the name of somebody who is not let in, as the engine has it.
const refusal = ": Authentication failed: password is incorrect, or there is no user with such name"

// refuse answers as the engine does.
func refuse(client net.Conn, code proto.Error, message string) error {
	var b proto.Buffer
	proto.ServerCodeException.Encode(&b)
	(&proto.Exception{Code: code, Name: "DB::Exception", Message: "DB::Exception: " + message}).EncodeAware(&b, 0)
	if _, err := client.Write(b.Buf); err != nil {
		return fmt.Errorf("turning a client away: %w", err)
	}
	return errors.New("turned a client away: " + code.String())
}
