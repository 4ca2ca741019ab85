package cur

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// writeValue appends a column's value in the form that CSV would have.
type writeValue func(dst []byte, v parquet.Value) []byte

// writerOf returns the writer for a column's type.
func writerOf(t parquet.Type, f form) writeValue {
	if unit, ok := timestampUnit(t); ok {
		return func(dst []byte, v parquet.Value) []byte { return appendTime(dst, unit(v.Int64())) }
	}
	if scale, ok := decimalScale(t); ok {
		return func(dst []byte, v parquet.Value) []byte { return appendDecimal(dst, unscaled(v), scale) }
	}
	if isDate(t) {
		return func(dst []byte, v parquet.Value) []byte {
			return time.Unix(int64(v.Int32())*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
		}
	}
	switch t.Kind() {
	case parquet.Boolean:
		return func(dst []byte, v parquet.Value) []byte { return strconv.AppendBool(dst, v.Boolean()) }
	case parquet.Int32, parquet.Int64:
		return integerWriter(t, f)
	case parquet.Int96:
		return func(dst []byte, v parquet.Value) []byte { return appendTime(dst, timeOfInt96(v.Int96())) }
	case parquet.Float:
		return func(dst []byte, v parquet.Value) []byte { return appendFloat(dst, float64(v.Float()), 32, f) }
	case parquet.Double:
		return func(dst []byte, v parquet.Value) []byte { return appendFloat(dst, v.Double(), 64, f) }
	}
	return func(dst []byte, v parquet.Value) []byte { return append(dst, v.ByteArray()...) }
}

// integerWriter restores the leading zeros of an account id, which a number cannot hold: an AWS
// account id has 12 digits.
func integerWriter(t parquet.Type, f form) writeValue {
	integer := func(v parquet.Value) int64 {
		if t.Kind() == parquet.Int32 {
			return int64(v.Int32())
		}
		return v.Int64()
	}
	if f == formAccount {
		return func(dst []byte, v parquet.Value) []byte { return fmt.Appendf(dst, "%012d", integer(v)) }
	}
	return func(dst []byte, v parquet.Value) []byte { return strconv.AppendInt(dst, integer(v), 10) }
}

// appendFloat appends the shortest decimal that parses to the same number: programs print this
// form, and the bill's own total is the sum of such numbers.
func appendFloat(dst []byte, v float64, bits int, f form) []byte {
	if f == formAccount && v >= 0 && v < 1e15 && v == float64(int64(v)) {
		return fmt.Appendf(dst, "%012d", int64(v))
	}
	return strconv.AppendFloat(dst, v, 'g', -1, bits)
}

func appendTime(dst []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.999Z07:00")
}

// timeOfInt96 converts the time of Impala and Spark: nanoseconds of the day, and the Julian day;
// 2440588 is 1970-01-01.
func timeOfInt96(v deprecated.Int96) time.Time {
	nanos := int64(uint64(v[1])<<32 | uint64(v[0]))
	return time.Unix((int64(v[2])-2440588)*86400, nanos)
}

func timestampUnit(t parquet.Type) (func(int64) time.Time, bool) {
	l := t.LogicalType()
	if l == nil || t.Kind() != parquet.Int64 {
		return nil, false
	}
	stamp, ok := l.Value.(*format.TimestampType)
	if !ok {
		return nil, false
	}
	switch stamp.Unit.Value.(type) {
	case *format.MilliSeconds:
		return time.UnixMilli, true
	case *format.MicroSeconds:
		return time.UnixMicro, true
	}
	return func(n int64) time.Time { return time.Unix(0, n) }, true
}

func isDate(t parquet.Type) bool {
	l := t.LogicalType()
	if l == nil {
		return false
	}
	_, ok := l.Value.(*format.DateType)
	return ok && t.Kind() == parquet.Int32
}

func decimalScale(t parquet.Type) (int, bool) {
	l := t.LogicalType()
	if l == nil {
		return 0, false
	}
	d, ok := l.Value.(*format.DecimalType)
	if !ok {
		return 0, false
	}
	return int(d.Scale), true
}

// unscaled returns a decimal's integer; bytes are big-endian two's complement.
func unscaled(v parquet.Value) *big.Int {
	switch v.Kind() {
	case parquet.Int32:
		return big.NewInt(int64(v.Int32()))
	case parquet.Int64:
		return big.NewInt(v.Int64())
	}
	data := v.ByteArray()
	n := new(big.Int).SetBytes(data)
	if len(data) > 0 && data[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(data))*8))
	}
	return n
}

func appendDecimal(dst []byte, n *big.Int, scale int) []byte {
	if n.Sign() < 0 {
		dst = append(dst, '-')
	}
	digits := new(big.Int).Abs(n).String()
	if scale <= 0 {
		return append(dst, digits...)
	}
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	dst = append(dst, digits[:len(digits)-scale]...)
	dst = append(dst, '.')
	return append(dst, digits[len(digits)-scale:]...)
}
