package inventory

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

// Limits of ACM, from its quotas: ten DescribeCertificate and eight ListCertificates a second.
// The first second allows the burst in addition.
const (
	acmDescribes = 8
	acmLists     = 6
	acmBurst     = 2
	acmPage      = 1000
)

func acmService() Service {
	return Service{Name: "acm", Entries: []Entry{{
		Type: "acm:certificate",
		// Without key types, only certificates with short RSA keys are listed.
		List: pages("ListCertificates", perCall(acmLists, acmBurst), acm.NewFromConfig, func(c *acm.Client) *acm.ListCertificatesPaginator {
			return acm.NewListCertificatesPaginator(c, &acm.ListCertificatesInput{
				MaxItems: aws.Int32(acmPage), Includes: &types.Filters{KeyTypes: types.KeyAlgorithm("").Values()},
			})
		}),
		Items: "CertificateSummaryList",
		Details: []Detail{{
			Call: ask("DescribeCertificate", perCall(acmDescribes, acmBurst), acm.NewFromConfig, (*acm.Client).DescribeCertificate, func(about item) *acm.DescribeCertificateInput {
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
