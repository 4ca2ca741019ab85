package access

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// HeaderToken is the header that Access gives the person's token in.
const HeaderToken = "Cf-Access-Jwt-Assertion" //nolint:gosec // a header's name

var encoding = base64.RawURLEncoding.Strict()

// head is a token's header.
type head struct {
	Alg  string          `json:"alg"`
	Kid  string          `json:"kid"`
	Crit json.RawMessage `json:"crit"`
}

// claims are a token's. Times are seconds since 1970, which may have a fraction.
type claims struct {
	Issuer   string          `json:"iss"`
	Audience json.RawMessage `json:"aud"`
	Expires  *float64        `json:"exp"`
	Issued   *float64        `json:"iat"`
	From     *float64        `json:"nbf"`
	Type     string          `json:"type"`
	Email    string          `json:"email"`
	Subject  string          `json:"sub"`
}

// token verifies a person's token, as the Worker does, and that it is for actions and young.
func (v *Verifier) token(ctx context.Context, token string) (Caller, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Caller{}, refuse(CodeMalformed, "The token has not three parts.")
	}
	var h head
	if !object(parts[0], &h) {
		return Caller{}, refuse(CodeMalformed, "The token's header is no JSON object.")
	}
	// The algorithm is ours to choose: a token that names another is not tried.
	if h.Alg != "RS256" || h.Crit != nil { //mutant:access-algorithm
		return Caller{}, refuse(CodeAlgorithm, "The token's algorithm is not RS256.")
	}
	key, err := v.keys.get(ctx, h.Kid)
	switch {
	case err != nil:
		return Caller{}, &Refusal{Code: CodeNoKeys, Text: "The keys that tokens are checked with cannot be had at present.", Err: err}
	case key == nil:
		return Caller{}, refuse(CodeTokenKey, "The token's key is unknown.")
	}
	signature, err := encoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil { //mutant:access-token-signature
		return Caller{}, refuse(CodeTokenSignature, "The token's signature is wrong.")
	}
	var c claims
	if !object(parts[1], &c) {
		return Caller{}, refuse(CodeMalformed, "The token's claims are no JSON object.")
	}
	return v.claimed(c)
}

func (v *Verifier) claimed(c claims) (Caller, error) {
	now := v.cfg.Now()
	switch {
	case c.Issuer != v.cfg.Team: //mutant:access-issuer
		return Caller{}, refuse(CodeIssuer, "The token's issuer is another.")
	case !hasAudience(c.Audience, v.cfg.Audience): //mutant:access-audience
		return Caller{}, refuse(CodeAudience, "The token is for another application.")
	case c.Expires == nil || !at(*c.Expires).After(now.Add(-skew)): //mutant:access-expired
		return Caller{}, refuse(CodeTokenExpired, "The token has expired.")
	case c.Issued == nil || at(*c.Issued).After(now.Add(skew)) || c.From != nil && at(*c.From).After(now.Add(skew)): //mutant:access-future
		return Caller{}, refuse(CodeTokenFuture, "The token is of the future, or does not say when it was issued.")
	case now.Sub(at(*c.Issued)) > v.cfg.MaxAge+skew: //mutant:access-old
		return Caller{}, refuse(CodeTokenOld, "The token was issued too long ago: sign in again.")
	case c.Type != "app": //mutant:access-type
		return Caller{}, refuse(CodeTokenType, "The token is not one of an application.")
	case c.Email == "" || c.Subject == "": //mutant:access-nobody
		return Caller{}, refuse(CodeNobody, "The token names no person.")
	}
	return Caller{Email: c.Email, Subject: c.Subject}, nil
}

// at returns the time of a number of seconds; of one that no time has, the beginning.
func at(seconds float64) time.Time {
	if !(seconds >= 0 && seconds < 1<<40) {
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000))
}

// hasAudience reports whether aud, a text or a list of texts, has the audience.
func hasAudience(aud json.RawMessage, want string) bool {
	var one string
	if json.Unmarshal(aud, &one) == nil {
		return one == want
	}
	var several []string
	if json.Unmarshal(aud, &several) != nil {
		return false
	}
	for _, a := range several {
		if a == want {
			return true
		}
	}
	return false
}

// object decodes a part of a token.
func object(part string, into any) bool {
	text, err := encoding.DecodeString(part)
	return err == nil && len(text) > 0 && text[0] == '{' && json.Unmarshal(text, into) == nil
}
