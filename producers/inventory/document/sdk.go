package document

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FromSDK converts the output of an SDK call, or a part of one. Unset fields are left out. A
// union becomes an object with the member that is set.
func FromSDK(output any) Value { return fromSDK(reflect.ValueOf(output)) }

func fromSDK(v reflect.Value) Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if s := v.Elem(); s.Kind() == reflect.String {
			return clean(s.String()) // empty, but set
		}
		return fromSDK(v.Elem())
	case reflect.Interface:
		return fromUnion(v.Elem())
	case reflect.String:
		if v.Len() == 0 {
			return nil // an unset enumeration
		}
		return clean(v.String())
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Number(strconv.FormatInt(v.Int(), 10))
	case reflect.Float32, reflect.Float64:
		return Number(strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()))
	case reflect.Slice:
		return fromSlice(v)
	case reflect.Map:
		return fromMap(v)
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return t.UTC()
		}
		return fromStruct(v)
	}
	return nil // streams, which no inventory reads
}

func fromStruct(v reflect.Value) Value {
	t := v.Type()
	object := make(Object, 0, v.NumField())
	for i := range v.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		if value := fromSDK(v.Field(i)); value != nil {
			object = append(object, Member{Name: f.Name, Value: value})
		}
	}
	return object
}

// fromUnion converts a *types.PolicyMemberText{Value: ...}.
func fromUnion(v reflect.Value) Value {
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	_, name, found := strings.Cut(v.Elem().Type().Name(), "Member")
	value := v.Elem().FieldByName("Value")
	if !found || !value.IsValid() {
		return nil
	}
	return Object{{Name: name, Value: fromSDK(value)}}
}

func fromSlice(v reflect.Value) Value {
	if v.IsNil() {
		return nil
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return base64.StdEncoding.EncodeToString(v.Bytes())
	}
	list := make(List, v.Len())
	for i := range list {
		list[i] = fromSDK(v.Index(i))
	}
	return list
}

func fromMap(v reflect.Value) Value {
	if v.IsNil() || v.Type().Key().Kind() != reflect.String {
		return nil
	}
	object := make(Object, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		value := it.Value()
		if value.Kind() == reflect.String { // a map's value is set even if it is empty
			object = append(object, Member{Name: clean(it.Key().String()), Value: clean(value.String()), Key: true})
			continue
		}
		object = append(object, Member{Name: clean(it.Key().String()), Value: fromSDK(value), Key: true})
	}
	slices.SortFunc(object, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return object
}
