package curtest

import (
	"fmt"
	"io"
	"path"
	"path/filepath"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// cur2Row is a row of CUR 2.0 in Parquet. Amounts are doubles, as in AWS's files.
type cur2Row struct {
	ID         string            `parquet:"identity_line_item_id,optional"`
	Interval   string            `parquet:"identity_time_interval,optional"`
	BillType   string            `parquet:"bill_bill_type,optional,dict"`
	Invoice    *string           `parquet:"bill_invoice_id,optional"`
	Payer      string            `parquet:"bill_payer_account_id,optional,dict"`
	From       time.Time         `parquet:"bill_billing_period_start_date,optional,timestamp(millisecond)"`
	Until      *time.Time        `parquet:"bill_billing_period_end_date,optional,timestamp(millisecond)"`
	Account    string            `parquet:"line_item_usage_account_id,optional,dict"`
	Type       string            `parquet:"line_item_line_item_type,optional,dict"`
	Start      time.Time         `parquet:"line_item_usage_start_date,optional,timestamp(millisecond)"`
	End        time.Time         `parquet:"line_item_usage_end_date,optional,timestamp(millisecond)"`
	Product    string            `parquet:"line_item_product_code,optional,dict"`
	UsageType  string            `parquet:"line_item_usage_type,optional,dict"`
	Operation  string            `parquet:"line_item_operation,optional,dict"`
	Resource   string            `parquet:"line_item_resource_id,optional,dict"`
	Quantity   float64           `parquet:"line_item_usage_amount,optional"`
	Currency   string            `parquet:"line_item_currency_code,optional,dict"`
	Cost       float64           `parquet:"line_item_unblended_cost,optional"`
	Blended    float64           `parquet:"line_item_blended_cost,optional"`
	List       float64           `parquet:"pricing_public_on_demand_cost,optional"`
	Unit       string            `parquet:"pricing_unit,optional,dict"`
	Region     string            `parquet:"product_region_code,optional,dict"`
	ProductMap map[string]string `parquet:"product"`
	Tags       map[string]string `parquet:"resource_tags"`
	Unknown    []string          `parquet:"something_of_next_year,list"`
}

// CUR2 writes a delivery of CUR 2.0 below dir, as Data Exports would under the prefix "bills"
// with a folder for each execution. withoutIDs omits the line ids.
func (b Bill) CUR2(dir, execution string, withoutIDs bool) error {
	period := "BILLING_PERIOD=" + b.Month.Format("2006-01")
	home := path.Join("bills", b.Report)
	manifest := map[string]any{
		"executionId": execution, "exportArn": "arn:aws:bcm-data-exports:us-east-1:" + b.Payer + ":export/" + b.Report, "contentType": "Parquet", "compression": "Parquet",
	}
	var keys []string
	for i := range max(b.Files, 1) {
		key := path.Join(home, "data", period, execution, fmt.Sprintf("%s-%05d.snappy.parquet", b.Report, i+1))
		keys = append(keys, "s3://a-bucket/"+key)
		err := create(filepath.Join(dir, filepath.FromSlash(key)), func(w io.Writer) error {
			from, to := b.part(i)
			return b.cur2Parquet(w, from, to, withoutIDs, i%2 == 1)
		})
		if err != nil {
			return err
		}
	}
	manifest["dataFiles"] = keys
	return b.manifests(dir, manifest, path.Join(home, "metadata", period, execution))
}

// rowGroup is the number of rows in a row group of the generated Parquet.
const rowGroup = 50_000

func (b Bill) cur2Parquet(out io.Writer, from, to int, withoutIDs, compressHarder bool) error {
	options := []parquet.WriterOption{parquet.Compression(&snappy.Codec{}), parquet.MaxRowsPerRowGroup(rowGroup)}
	if compressHarder {
		options[0] = parquet.Compression(&zstd.Codec{})
	}
	w := parquet.NewGenericWriter[cur2Row](out, options...)
	until := b.Month.AddDate(0, 1, 0)
	rows := make([]cur2Row, 0, 1000)
	flush := func() error {
		_, err := w.Write(rows)
		rows = rows[:0]
		return err
	}
	err := b.each(from, to, func(l Line) error {
		const at = "2006-01-02T15:04:05Z"
		r := cur2Row{
			BillType: "Anniversary", Payer: b.Payer, From: b.Month, Until: &until, Account: l.Account, Type: l.Type, Start: l.Start, End: l.End,
			Product: l.Product, UsageType: l.UsageType, Operation: l.Operation, Resource: l.Resource, Quantity: l.Quantity.InexactFloat64(), Currency: "USD",
			Cost: l.Cost.InexactFloat64(), Blended: l.Blended.InexactFloat64(), List: l.List.InexactFloat64(), Unit: l.Unit, Region: l.Region,
			ProductMap: map[string]string{"product_name": l.ProductName}, Tags: l.tags("user_"), Unknown: []string{"x", "y"},
		}
		if !withoutIDs {
			r.ID, r.Interval = l.ID, l.Start.Format(at)+"/"+l.End.Format(at)
		}
		if rows = append(rows, r); len(rows) == cap(rows) {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	return w.Close()
}
