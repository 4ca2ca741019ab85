package tree

import (
	"context"
	"crypto/md5" // S3 stores MD5 of its objects; it protects nothing here
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Digest identifies a file's content: by its MD5, which a bucket stores for most objects,
// else by ETag and size.
func Digest(ctx context.Context, t Tree, name string) (digest string, err error) {
	o, err := t.Stat(ctx, name)
	switch {
	case err != nil:
		return "", err
	case o.MD5 != "":
		return o.MD5, nil
	case o.ETag != "":
		return fmt.Sprintf("%s %d", o.ETag, o.Size), nil
	}
	in, err := t.Open(ctx, name)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	h := md5.New()
	if _, err := io.Copy(h, in); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
