package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

// Limits of ACM, from its quotas: ten DescribeCertificate and eight ListCertificates a
// second. A burst comes on top of what the first second allows.
const (
	acmDescribes = 8
	acmLists     = 6
	acmBurst     = 2
	acmPage      = 1000
)

func acmService() Service {
	return Service{Name: "acm", Entries: []Entry{{
		Type: "acm:certificate",
		// Without key types the list has only those with short RSA keys.
		List: pages("ListCertificates", each(acmLists, acmBurst), acm.NewFromConfig, func(c *acm.Client) *acm.ListCertificatesPaginator {
			return acm.NewListCertificatesPaginator(c, &acm.ListCertificatesInput{
				MaxItems: aws.Int32(acmPage), Includes: &types.Filters{KeyTypes: types.KeyAlgorithm("").Values()},
			})
		}),
		Items: "CertificateSummaryList",
		Details: []Detail{{
			Call: ask("DescribeCertificate", each(acmDescribes, acmBurst), acm.NewFromConfig, (*acm.Client).DescribeCertificate, func(about item) *acm.DescribeCertificateInput {
				return &acm.DescribeCertificateInput{CertificateArn: about.get("CertificateArn")}
			}),
			At: "Certificate", Whole: true, Absent: "ResourceNotFoundException",
		}},
		Tagged: "acm",
		ARN:    "{CertificateArn}",
		Name:   "DomainName",
		State:  "Status",
		Properties: `DomainName SubjectAlternativeNames|SubjectAlternativeNameSummaries Type KeyAlgorithm Issuer CreatedAt IssuedAt ImportedAt NotBefore NotAfter
			RenewalEligibility RenewalSummary.RenewalStatus FailureReason InUseBy`,
		Relations: "involves {InUseBy}",
	}}}
}
