package cur

import (
	"strings"
	"unicode"

	"polo/envelope"
	"polo/producers/awscatalog"
)

// platformOf returns the platform of a provider's name in FOCUS; "" for no name.
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

// isCloud reports whether platform is a known cloud.
func isCloud(platform string) bool {
	return platform == envelope.PlatformAWS || platform == "azure" || platform == "gcp" || platform == "oci"
}

// sourceOf returns the source of a line. In FOCUS the provider that bills it decides:
// "azure.cost". If none is named, a known cloud that publishes or invoices the line is the
// provider; otherwise it is AWS.
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
	return platform + ".cost" //mutant:all-bills-are-AWS
}

// serviceOf returns the service as ARNs name it, by the bill's product code, else by the
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
