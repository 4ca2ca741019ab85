package awscatalog

// PlainWord returns a type's word in the form of nouns, in lower case and without
// hyphens and underscores: "securitygroup" for "security-group".
func PlainWord(typ string) string {
	for i := 0; i < len(typ); i++ {
		if ch := typ[i]; ch < 'a' || ch > 'z' {
			return squeeze(typ)
		}
	}
	return typ
}

func squeeze(typ string) string {
	b := make([]byte, 0, len(typ))
	for i := 0; i < len(typ); i++ {
		switch ch := typ[i]; {
		case ch == '-' || ch == '_':
		case ch >= 'A' && ch <= 'Z':
			b = append(b, ch+'a'-'A')
		default:
			b = append(b, ch)
		}
	}
	return string(b)
}

// IsAccount reports whether s is an account's id: 12 digits.
func IsAccount(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 12
}
