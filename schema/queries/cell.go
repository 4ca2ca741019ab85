package queries

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// cell converts what the driver scanned to what Answer.Rows holds.
func cell(typ string, v reflect.Value) any {
	for strings.HasPrefix(typ, "LowCardinality(") || strings.HasPrefix(typ, "Nullable(") {
		_, typ, _ = strings.Cut(strings.TrimSuffix(typ, ")"), "(")
	}
	switch x := v.Interface().(type) {
	case decimal.Decimal:
		return x.String()
	case time.Time:
		switch {
		case strings.HasPrefix(typ, "DateTime64"):
			return x.UTC().Format("2006-01-02 15:04:05.000")
		case strings.HasPrefix(typ, "DateTime"):
			return x.UTC().Format(time.DateTime)
		}
		return x.Format(time.DateOnly)
	case fmt.Stringer:
		if v.Kind() == reflect.Array { // a UUID
			return x.String()
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return cell(typ, v.Elem())
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = cell("", v.Index(i))
		}
		return out
	case reflect.Map:
		out := make(map[string]any, v.Len())
		for _, key := range v.MapKeys() {
			out[fmt.Sprint(key.Interface())] = cell("", v.MapIndex(key))
		}
		return out
	case reflect.Int64, reflect.Int:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint64, reflect.Uint:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return float64(v.Int())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return float64(v.Uint())
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
		return nil // JSON has no other word for it
	case reflect.Bool:
		return v.Bool()
	}
	return fmt.Sprint(v.Interface())
}

// Text writes a value of Answer.Rows for people: nothing for nil, lists and maps as JSON.
func Text(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v) // cannot happen: the values are JSON's
	}
	return string(text)
}
