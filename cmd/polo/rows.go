package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"polo/internal/cli"
)

// maxTableRows bounds the rows that a person is shown.
const maxTableRows = 1000

// writeTable prints an answer in tableFormat. It prints nothing for an answer without columns, such
// as a statement's that returns no rows.
func writeTable(s *cli.Streams, answer io.Reader) error {
	dec := json.NewDecoder(answer)
	var names, types []string
	err := dec.Decode(&names)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		err = dec.Decode(&types)
	}
	if err != nil {
		return fmt.Errorf("reading ClickHouse's answer: %w", err)
	}
	if len(names) == 0 {
		return nil
	}
	t := cli.NewTable(s, names...)
	number := regexp.MustCompile(`^(LowCardinality\(|Nullable\()*(U?Int|Float|BFloat|Decimal)`)
	var numbers []int
	for i, name := range types {
		if number.MatchString(name) {
			numbers = append(numbers, i)
		}
	}
	t.Numbers(numbers...)
	n := 0
	for ; ; n++ {
		var cells []string
		err := dec.Decode(&cells)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading ClickHouse's answer: %w", err)
		}
		if n < maxTableRows {
			t.Row(cells...)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if n > maxTableRows {
		_, err = fmt.Fprintf(s.Stdout, "%d more rows; --format csv prints all\n", n-maxTableRows)
	}
	return err
}

// writeArray converts one JSON object per line into one JSON array.
func writeArray(out io.Writer, lines io.Reader) error {
	w := bufio.NewWriter(out)
	r := bufio.NewReader(lines)
	for n := 0; ; n++ {
		line, err := r.ReadString('\n')
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "":
		case n == 0:
			_, _ = w.WriteString("[" + line) // a bufio.Writer's error is returned again by Flush
		default:
			_, _ = w.WriteString(",\n " + line)
		}
		if errors.Is(err, io.EOF) {
			if n == 0 && line == "" {
				_, _ = w.WriteString("[")
			}
			_, _ = w.WriteString("]\n")
			return w.Flush()
		}
		if err != nil {
			return fmt.Errorf("reading ClickHouse's answer: %w", err)
		}
	}
}
