package queue

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Encodings of a letter's body.
const (
	encodingText   = "text"
	encodingBase64 = "base64"
	encodingZstd   = "zstd+base64"
	encodingEmpty  = "empty"

	// cutMark and the original size follow the encoding if the body is only the
	// beginning.
	cutMark = ";cut-from="
	// redactedMark precedes it, with the redacted places separated by spaces.
	redactedMark = ";redacted="
	// emptyBody stands for an empty original.
	emptyBody = "(empty)"
	// maxFailureBody bounds what is compressed, and what a letter may decompress to, in
	// bytes.
	maxFailureBody = 64 << 20
)

// encodeBody encodes b; ok is false if that takes more than maxSize bytes. An empty b
// has its own encoding.
func encodeBody(b []byte, encoding string, maxSize int) (text, as string, ok bool) {
	switch {
	case len(b) == 0:
		return emptyBody, encodingEmpty, true
	case encoding == encodingText:
		if len(b) > maxSize {
			return "", "", false
		}
		text = string(b)
		return text, encoding, ValidText(text)
	case encoding == encodingBase64:
		if base64.StdEncoding.EncodedLen(len(b)) > maxSize {
			return "", "", false
		}
		return base64.StdEncoding.EncodeToString(b), encoding, true
	}
	enc, err := zstdEncoder()
	if err != nil || len(b) > maxFailureBody {
		return "", "", false
	}
	return base64.StdEncoding.EncodeToString(enc.EncodeAll(b, nil)), encodingZstd, true
}

func decodeBody(text, encoding string) ([]byte, error) {
	switch encoding {
	case encodingText:
		return []byte(text), nil
	case encodingEmpty:
		return []byte{}, nil
	}
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || encoding == encodingBase64 {
		return b, err
	}
	dec, err := zstdDecoder()
	if err != nil {
		return nil, fmt.Errorf("making the zstd decoder: %w", err)
	}
	return dec.DecodeAll(b, nil)
}

// parseEncoding splits the Encoding attribute into its parts.
func parseEncoding(s string) (encoding string, redacted []string, cutFrom int, err error) {
	encoding, size, cut := strings.Cut(s, cutMark)
	if cut {
		if cutFrom, err = strconv.Atoi(size); err != nil || cutFrom < 1 {
			return "", nil, 0, fmt.Errorf("%s attribute of a letter: no size after %q", attrEncoding, cutMark)
		}
	}
	encoding, places, _ := strings.Cut(encoding, redactedMark)
	for place := range strings.SplitSeq(places, " ") {
		if place == "" {
			continue
		}
		redacted = append(redacted, placeReader.Replace(place))
	}
	switch encoding {
	case "":
		return encodingText, redacted, cutFrom, nil
	case encodingText, encodingBase64, encodingZstd, encodingEmpty:
		return encoding, redacted, cutFrom, nil
	}
	return "", nil, 0, fmt.Errorf("%s attribute of a letter: %q is not known", attrEncoding, cleanText(encoding, 64))
}

// Shared: EncodeAll and DecodeAll are safe for concurrent use.
var (
	zstdEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression))
	})
	zstdDecoder = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxFailureBody), zstd.WithDecoderConcurrency(0))
	})
)
