package access

import "fmt"

// Code says why a request was not authenticated. Each check has one of its own.
type Code string

// Codes.
const (
	CodeNoToken         Code = "token_missing"
	CodeMalformed       Code = "token_malformed"
	CodeAlgorithm       Code = "token_algorithm"
	CodeTokenKey        Code = "token_key"
	CodeTokenSignature  Code = "token_signature"
	CodeIssuer          Code = "token_issuer"
	CodeAudience        Code = "token_audience"
	CodeTokenExpired    Code = "token_expired"
	CodeTokenFuture     Code = "token_future"
	CodeTokenOld        Code = "token_old"
	CodeTokenType       Code = "token_type"
	CodeNobody          Code = "token_nobody"
	CodeNoKeys          Code = "keys_unavailable"
	CodeNoSignature     Code = "signature_missing"
	CodeSignatureKey    Code = "signature_key"
	CodeSignature       Code = "signature_wrong"
	CodeSignatureOld    Code = "signature_old"
	CodeSignatureFuture Code = "signature_future"
	CodeNonce           Code = "nonce_malformed"
	CodeReused          Code = "nonce_reused"
)

// Refusal is why a request was not authenticated. Its text repeats nothing of the request.
type Refusal struct {
	Code Code
	Text string
	Err  error
}

// Error implements error.
func (r *Refusal) Error() string {
	if r.Err != nil {
		return fmt.Sprintf("%s: %s: %v", r.Code, r.Text, r.Err)
	}
	return fmt.Sprintf("%s: %s", r.Code, r.Text)
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

func refuse(code Code, text string) *Refusal { return &Refusal{Code: code, Text: text} }
