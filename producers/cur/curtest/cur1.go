package curtest

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"
)

// CUR1 writes a delivery of CUR 1 below dir, as S3 would hold it under the prefix "bills": the
// files in the assembly's folder, and the manifest there and one folder up, where it replaces the
// previous one.
func (b Bill) CUR1(dir, assembly string) error {
	days := b.Month.Format("20060102") + "-" + b.Month.AddDate(0, 1, 0).Format("20060102")
	home := path.Join("bills", b.Report, days)
	manifest := map[string]any{
		"assemblyId": assembly, "account": b.Payer, "charset": "UTF-8", "compression": "GZIP", "contentType": "text/csv", "reportName": b.Report,
		"billingPeriod": map[string]string{"start": b.Month.Format("20060102T150405.000Z"), "end": b.Month.AddDate(0, 1, 0).Format("20060102T150405.000Z")},
		"bucket":        "a-bucket",
	}
	var keys []string
	for i := range max(b.Files, 1) {
		key := path.Join(home, assembly, fmt.Sprintf("%s-%d.csv.gz", b.Report, i+1))
		keys = append(keys, key)
		err := create(filepath.Join(dir, filepath.FromSlash(key)), func(w io.Writer) error {
			z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
			if err != nil {
				return err
			}
			from, to := b.part(i)
			if err := b.cur1CSV(z, from, to); err != nil {
				return err
			}
			return z.Close()
		})
		if err != nil {
			return err
		}
	}
	manifest["reportKeys"] = keys
	return b.manifests(dir, manifest, path.Join(home, assembly), home)
}

// manifests writes the manifest into each folder.
func (b Bill) manifests(dir string, manifest map[string]any, folders ...string) error {
	data, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	for _, folder := range folders {
		name := filepath.Join(dir, filepath.FromSlash(folder), b.Report+"-Manifest.json")
		err := create(name, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// create creates a file and the folders above it.
func create(name string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("making a file: %w", err)
	}
	if err := write(f); err != nil {
		_ = f.Close()
		return fmt.Errorf("writing %s: %w", filepath.Base(name), err)
	}
	return f.Close()
}

// cur1CSV writes a header and lines from to to-1.
func (b Bill) cur1CSV(out io.Writer, from, to int) error {
	w := csv.NewWriter(out)
	err := w.Write([]string{
		"identity/LineItemId", "identity/TimeInterval", "bill/InvoiceId", "bill/BillingEntity", "bill/BillType", "bill/PayerAccountId", "bill/BillingPeriodStartDate",
		"bill/BillingPeriodEndDate", "lineItem/UsageAccountId", "lineItem/LineItemType", "lineItem/UsageStartDate", "lineItem/UsageEndDate", "lineItem/ProductCode",
		"lineItem/UsageType", "lineItem/Operation", "lineItem/AvailabilityZone", "lineItem/ResourceId", "lineItem/UsageAmount", "lineItem/CurrencyCode",
		"lineItem/UnblendedRate", "lineItem/UnblendedCost", "lineItem/BlendedCost", "lineItem/LineItemDescription", "product/ProductName", "product/region",
		"product/vcpu", "product/memory", "product/storage", "pricing/publicOnDemandCost", "pricing/unit", "resourceTags/user:Team", "resourceTags/user:Environment",
	})
	if err != nil {
		return err
	}
	const at = "2006-01-02T15:04:05Z"
	start, end := b.Month.Format(at), b.Month.AddDate(0, 1, 0).Format(at)
	err = b.each(from, to, func(l Line) error {
		return w.Write([]string{
			l.ID, l.Start.Format(at) + "/" + l.End.Format(at), "", "AWS", "Anniversary", b.Payer, start,
			end, l.Account, l.Type, l.Start.Format(at), l.End.Format(at), l.Product,
			l.UsageType, l.Operation, "", l.Resource, l.Quantity.String(), "USD",
			"", l.cost(), l.Blended.String(), l.ProductName + " in an hour", l.ProductName, l.Region,
			"2", "8 GiB", "EBS only", l.List.String(), l.Unit, l.Team, l.Environment,
		})
	})
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// FOCUS writes the bill as FOCUS 1.0 in CSV, with a byte order mark and CRLF.
func (b Bill) FOCUS(out io.Writer) error {
	if _, err := io.WriteString(out, "\xef\xbb\xbf"); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	w.UseCRLF = true
	err := w.Write([]string{
		"BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeDescription",
		"ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "EffectiveCost", "ListCost", "ProviderName", "RegionId", "ResourceId",
		"ServiceName", "SkuId", "SubAccountId", "Tags", "x_UsageType", "x_Operation",
	})
	if err != nil {
		return err
	}
	start, end := b.Month.Format(time.DateTime), b.Month.AddDate(0, 1, 0).Format(time.DateTime)
	err = b.each(0, b.Lines, func(l Line) error {
		tags, err := json.Marshal(l.tags(""))
		if err != nil {
			return err
		}
		return w.Write([]string{
			l.cost(), b.Payer, "USD", end, start, l.Type, "NULL",
			l.End.Format(time.DateTime), l.Start.Format(time.DateTime), l.Quantity.String(), l.Unit, l.Blended.String(), l.List.String(), "AWS", l.Region, l.Resource,
			l.ProductName, "SKU", l.Account, string(tags), l.UsageType, l.Operation,
		})
	})
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

func (l Line) tags(prefix string) map[string]string {
	tags := map[string]string{}
	if l.Team != "" {
		tags[prefix+"Team"] = l.Team
	}
	if l.Environment != "" {
		tags[prefix+"Environment"] = l.Environment
	}
	return tags
}
