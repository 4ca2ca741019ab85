package exchange

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/klauspost/compress/gzip"

	"polo/internal/redact"
)

// maxAnswer bounds an answer, and the answers of a file together, unpacked, in bytes.
const maxAnswer = 32 << 20

// body returns an answer's JSON text from what a recorder wrote: JSON itself, or a string of it, or
// {"string", "base64_string" or "text", "encoding"}; binary ones are base64 or hex, also of gzip. A text
// that is no JSON is a JSON string; nil means no body.
func body(value json.RawMessage, binary bool) ([]byte, error) {
	if o := asObject(value); o != nil {
		content, ok := content(o)
		if !ok {
			return value, nil
		}
		value, binary = content, binary || o.text("encoding") == "base64" || o.has("base64string")
	}
	s := text(value)
	if chunks := list(value); chunks != nil {
		if s = hexOf(chunks); s == "" {
			return value, nil
		}
		binary = true
	}
	if s == "" {
		if begins(value, '"') {
			return nil, nil
		}
		return value, nil
	}
	if form, ok := strings.CutPrefix(s, "payload="); ok {
		if payload, err := url.QueryUnescape(form); err == nil {
			s = payload
		}
	}
	data := []byte(s)
	if binary || strings.HasPrefix(s, "H4sI") || strings.HasPrefix(s, "1f8b08") {
		if plain, ok := decoded(s); ok {
			data = plain
		}
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		var err error
		if data, err = gunzip(data); err != nil {
			return nil, err
		}
	}
	switch data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\uFEFF"))); {
	case len(data) == 0:
		return nil, nil
	case json.Valid(data):
		return data, nil
	}
	return json.Marshal(string(data))
}

// content returns the text of a body that is written as an object of its text and encoding.
func content(o object) (json.RawMessage, bool) {
	if !o.has("string", "base64string", "text") && !o.has("mimetype") {
		return nil, false
	}
	for name := range o {
		switch name {
		case "string", "base64string", "text", "encoding", "mimetype", "size", "compression", "params", "comment":
		default:
			return nil, false // the answer itself has such a member
		}
	}
	return o.pick("string", "base64string", "text"), true
}

// hexOf joins the parts of a compressed answer, as nock records one; "" if the list is none.
func hexOf(chunks []json.RawMessage) string {
	var b strings.Builder
	for _, c := range chunks {
		part := text(c)
		if _, err := hex.DecodeString(part); part == "" || err != nil {
			return ""
		}
		b.WriteString(part)
	}
	if !strings.HasPrefix(b.String(), "1f8b") {
		return ""
	}
	return b.String()
}

// decoded decodes hex or base64.
func decoded(s string) ([]byte, bool) {
	if data, err := hex.DecodeString(s); err == nil {
		return data, true
	}
	s = strings.Join(strings.Fields(s), "") // Ruby breaks lines
	if data, err := base64.StdEncoding.DecodeString(s); err == nil {
		return data, true
	}
	data, err := base64.RawStdEncoding.DecodeString(s)
	return data, err == nil
}

func gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("gzip that cannot be unpacked")
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxAnswer+1))
	switch {
	case err != nil:
		return nil, errors.New("gzip that cannot be unpacked")
	case len(plain) > maxAnswer:
		return nil, fmt.Errorf("more than %d bytes, unpacked", maxAnswer)
	}
	return plain, nil
}

// requestBody returns what was sent, without secrets; nil if that cannot be read.
func requestBody(value json.RawMessage) []byte {
	data, err := body(value, false)
	if err != nil || len(data) == 0 {
		return nil
	}
	clean, _ := redact.Bytes(data)
	return clean
}
