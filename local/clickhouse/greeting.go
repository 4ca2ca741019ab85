package clickhouse

import (
	"bytes"
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
	greetingSize = 64 << 10
)

// doorkeeper reads the first words of the native protocol and turns away whom the
// engine would: letting nobody in is one more thing that it takes for a failure of
// its own.
type doorkeeper struct{ users Users }

// admit returns what it has read for the engine, or an error when the client was
// turned away.
func (d doorkeeper) admit(client net.Conn) ([]byte, error) {
	if err := client.SetReadDeadline(time.Now().Add(greetingTime)); err != nil {
		return nil, fmt.Errorf("waiting for a greeting: %w", err)
	}
	var read bytes.Buffer
	r := proto.NewReader(io.TeeReader(io.LimitReader(client, greetingSize), &read))
	code, err := r.UVarInt()
	if err != nil {
		return nil, fmt.Errorf("reading a greeting: %w", err)
	}
	if proto.ClientCode(code) != proto.ClientCodeHello {
		return nil, fmt.Errorf("reading a greeting: it begins with %d", code)
	}
	var hello proto.ClientHello
	if err := hello.Decode(r); err != nil {
		return nil, fmt.Errorf("reading a greeting: %w", err)
	}
	switch {
	case !d.knows(User{Name: hello.User, Password: hello.Password}):
		return nil, refuse(client, proto.ErrAuthenticationFailed,
			hello.User+": Authentication failed: password is incorrect, or there is no user with such name")
	case !slices.Contains([]string{"", "default", "system", Database}, hello.Database):
		return nil, refuse(client, proto.ErrUnknownDatabase, "Database "+hello.Database+" does not exist")
	}
	if err := client.SetReadDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("after a greeting: %w", err)
	}
	return read.Bytes(), nil
}

func (d doorkeeper) knows(u User) bool {
	return slices.Contains([]User{d.users.Owner, d.users.Migrator, d.users.Writer, d.users.Reader, {Name: "default"}}, u)
}

// refuse answers as the engine does.
func refuse(client net.Conn, code proto.Error, message string) error {
	var b proto.Buffer
	proto.ServerCodeException.Encode(&b)
	(&proto.Exception{Code: code, Name: "DB::Exception", Message: "DB::Exception: " + message}).EncodeAware(&b, 0)
	if _, err := client.Write(b.Buf); err != nil {
		return fmt.Errorf("turning a client away: %w", err)
	}
	return fmt.Errorf("turned a client away: %s", code.String())
}
