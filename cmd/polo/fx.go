package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/shopspring/decimal"

	"polo/envelope"
	"polo/internal/cli"
	"polo/local/chdb"
	"polo/schema/queries"
)

type fxCmd struct {
	Set  fxSetCmd  `cmd:"" help:"Set a rate of exchange."`
	Load fxLoadCmd `cmd:"" help:"Set the rates that a CSV file holds."`
	List fxListCmd `cmd:"" help:"List the rates."`
}

// fxRate is what one unit of a currency is worth in another, from a day on.
type fxRate struct {
	currency, target string
	day              time.Time
	rate             decimal.Decimal
}

// maxRate bounds a rate, and maxRateDigits its digits after the point: those of the column.
const (
	maxRate       = 1_000_000_000
	maxRateDigits = 18
)

// parseRate parses a rate's texts, and reports every fault.
func parseRate(currency, target, day, rate string) (fxRate, error) {
	var r fxRate
	var faults []error
	for _, c := range []struct {
		text string
		to   *string
	}{{currency, &r.currency}, {target, &r.target}} {
		code, ok := envelope.ParseCurrency(c.text)
		if !ok {
			faults = append(faults, fmt.Errorf("%q is no currency such as EUR", c.text))
		}
		*c.to = code
	}
	if r.currency != "" && r.currency == r.target {
		faults = append(faults, fmt.Errorf("%s in %[1]s is always 1", r.currency))
	}
	var err error
	if r.day, err = time.Parse(time.DateOnly, day); err != nil || r.day.Year() < 2000 || r.day.Year() > 2200 {
		faults = append(faults, fmt.Errorf("%q is no day such as 2026-03-01", day))
	}
	r.rate, err = decimal.NewFromString(rate)
	if err != nil || r.rate.Sign() < 0 || r.rate.GreaterThan(decimal.NewFromInt(maxRate)) || r.rate.Exponent() < -maxRateDigits || strings.ContainsAny(rate, "eE") {
		faults = append(faults, fmt.Errorf("%q is no rate such as 1.0832, of at most %d digits after the point", rate, maxRateDigits))
	}
	return r, errors.Join(faults...)
}

type fxSetCmd struct {
	Currency string `arg:"" help:"The currency that is converted." placeholder:"EUR"`
	Target   string `arg:"" help:"The currency that it is converted to." placeholder:"USD"`
	Day      string `arg:"" help:"The first day that the rate is for." placeholder:"YYYY-MM-DD"`
	Rate     string `arg:"" help:"What one unit is worth; 0 takes back what was set for the day."`
	Author   string `required:"" help:"Who sets it." placeholder:"NAME"`
	server
}

// Help explains more than the flags do.
func (*fxSetCmd) Help() string {
	return `polo query cost_converted converts each day by the rate of that day, or by the last before it; a day without one stays
unconverted, and is told so. On another ClickHouse (--addr) the user needs INSERT on polo.fx_rates.

Examples:

  polo fx set EUR USD 2026-03-01 1.0832 --author ada
  polo fx set EUR USD 2026-03-01 0 --author ada`
}

// Validate refuses what is no rate.
func (c *fxSetCmd) Validate() error {
	_, err := parseRate(c.Currency, c.Target, c.Day, c.Rate)
	return errors.Join(err, metaText("--author", c.Author), c.valid())
}

// Run sets the rate.
func (c *fxSetCmd) Run(ctx context.Context, e *env) error {
	r, err := parseRate(c.Currency, c.Target, c.Day, c.Rate)
	if err != nil {
		return err
	}
	return setRates(ctx, e, &c.server, "polo fx set", c.Author, []fxRate{r})
}

type fxLoadCmd struct {
	File   string `arg:"" help:"The file: CSV with the columns currency, target, day, rate, in any order." predictor:"file"`
	Author string `required:"" help:"Who sets them." placeholder:"NAME"`
	server
}

// Help explains more than the flags do.
func (*fxLoadCmd) Help() string {
	return `The first line names the columns. Nothing is set if the file has a fault. Safe to repeat.

  currency,target,day,rate
  EUR,USD,2026-03-01,1.0832

Examples:

  polo fx load rates.csv --author ada`
}

// Validate refuses an author that is none.
func (c *fxLoadCmd) Validate() error { return errors.Join(metaText("--author", c.Author), c.valid()) }

// Run sets the rates.
func (c *fxLoadCmd) Run(ctx context.Context, e *env) error {
	in, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read
	rates, err := readRates(in)
	if err != nil {
		return cli.Usage("reading %s: %w", c.File, err)
	}
	return setRates(ctx, e, &c.server, "polo fx load", c.Author, rates)
}

// maxFaults bounds how many faults of a file are told.
const maxFaults = 20

// readRates reads a CSV file. An error tells each line's faults.
func readRates(in io.Reader) ([]fxRate, error) {
	r := csv.NewReader(in)
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty")
	} else if err != nil {
		return nil, err
	}
	names := []string{"currency", "target", "day", "rate"}
	at := make([]int, len(names))
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(header[i], "\ufeff")))
	}
	for i, name := range names {
		if at[i] = slices.Index(header, name); at[i] < 0 {
			return nil, fmt.Errorf("its first line does not name the column %s", name)
		}
	}
	var rates []fxRate
	var faults []error
	lines := map[string]int{} // those of rates, by what they are for
	for len(faults) < maxFaults {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.Join(append(faults, err)...)
		}
		rate, err := parseRate(strings.TrimSpace(record[at[0]]), strings.TrimSpace(record[at[1]]), strings.TrimSpace(record[at[2]]), strings.TrimSpace(record[at[3]]))
		line, _ := r.FieldPos(0)
		of := rate.currency + " in " + rate.target + " from " + rate.day.Format(time.DateOnly)
		switch before := lines[of]; {
		case err != nil:
			faults = append(faults, fmt.Errorf("line %d: %w", line, err))
		case before > 0:
			faults = append(faults, fmt.Errorf("line %d: line %d also says what %s is worth", line, before, of))
		default:
			lines[of] = line
		}
		rates = append(rates, rate)
	}
	if len(rates) == 0 {
		return nil, errors.New("it has no rate")
	}
	return rates, errors.Join(faults...)
}

// setRates inserts rates at once.
func setRates(ctx context.Context, e *env, to *server, command, author string, rates []fxRate) error {
	return to.connected(ctx, e, command, func(u chdb.Users) chdb.User { return u.Migrator }, func(conn driver.Conn) error {
		batch, err := conn.PrepareBatch(ctx, "INSERT INTO polo.fx_rates (currency, target, day, rate, author)")
		if err != nil {
			return fmt.Errorf("setting rates: %w", err)
		}
		for _, r := range rates {
			if err := batch.Append(r.currency, r.target, r.day, r.rate, author); err != nil {
				return errors.Join(fmt.Errorf("setting rates: %w", err), batch.Abort())
			}
		}
		if err := batch.Send(); err != nil {
			return fmt.Errorf("setting rates: %w", err)
		}
		_, err = fmt.Fprintf(e.Stdout, "set %d rates: polo fx list, polo query cost_converted\n", len(rates))
		return err
	})
}

type fxListCmd struct {
	Format string `enum:"table,json,csv" default:"table" help:"How to print: ${enum}."`
	reader
}

// Help gives examples.
func (*fxListCmd) Help() string {
	return `The same as polo query fx_rates, which also takes a currency.

Examples:

  polo fx list
  polo fx list --format csv >rates.csv`
}

// Validate refuses an empty data directory.
func (c *fxListCmd) Validate() error { return c.valid() }

// Run prints the rates.
func (c *fxListCmd) Run(ctx context.Context, e *env) error {
	q, err := queries.Named("fx_rates")
	if err != nil {
		return err
	}
	return c.query(ctx, e, "polo fx list", c.Format, q, map[string]string{"limit": fmt.Sprint(q.MaxRows)})
}
