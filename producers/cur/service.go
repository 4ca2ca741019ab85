package cur

import (
	"strings"
	"unicode"

	"polo/envelope"
	"polo/producers/awscatalog"
)

// platformOf is the platform of a provider as FOCUS names it, or a firm that is one; ""
// for no name.
func platformOf(provider string) string {
	words := strings.FieldsFunc(strings.ToLower(provider), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return ""
	}
	switch words[0] {
	case "aws", "amazon":
		return envelope.PlatformAWS
	case "microsoft", "azure":
		return "azure"
	case "google", "gcp":
		return "gcp"
	case "oracle", "oci":
		return "oci"
	}
	return strings.Join(words, "-")
}

// isCloud tells of a platform that is a cloud whose name is known.
func isCloud(platform string) bool {
	return platform == envelope.PlatformAWS || platform == "azure" || platform == "gcp" || platform == "oci"
}

// sourceOf is the source of a line: of FOCUS that of the provider that bills it, such as
// "azure.cost". Where no provider is named, a cloud that publishes it or sends the invoice
// is the provider; a bill that names none is AWS's.
func (n *normaliser) sourceOf(r *row) string {
	if n.layout.kind == kindCUR {
		return Source
	}
	platform := ""
	for _, f := range [...]field{fProvider, fServiceProvider} {
		if platform == "" {
			platform = platformOf(n.layout.value(r, f))
		}
	}
	for _, f := range [...]field{fPublisher, fInvoicingEntity, fHostProvider} {
		if p := platformOf(n.layout.value(r, f)); platform == "" && isCloud(p) {
			platform = p
		}
	}
	if platform == "" || platform == envelope.PlatformAWS {
		return Source
	}
	return platform + ".cost"
}

// serviceOf is the service as ARNs name it, by the bill's product code, else by the
// product's name.
func serviceOf(code, name string) string {
	if code == "" {
		code = name
	}
	if code == "" {
		return ""
	}
	service, _ := awscatalog.ServiceOfBill(code)
	return service
}
