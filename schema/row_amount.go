package schema

import (
	"errors"
	"math/big"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/shopspring/decimal"
)

// amountType is the column type of money and usage. It is exact, with 38 digits on both sides of
// the point, because bills come from programs that print doubles.
const (
	amountType  = "Decimal(76, 38)"
	amountScale = 38
	amountBits  = 255
)

var errAmountRange = errors.New("does not fit " + amountType)

// amounts is Nullable(Decimal(76, 38)).
type amounts struct {
	values *proto.ColDecimal256
	null   *proto.ColNullable[proto.Decimal256]
}

func newAmounts() amounts {
	values := new(proto.ColDecimal256)
	return amounts{values: values, null: proto.NewColNullable[proto.Decimal256](values)}
}

// column returns the column's type with the scale, which ch-go's column omits.
func (a *amounts) column() proto.ColInput {
	return proto.Alias(a.null, proto.ColumnTypeNullable.Sub(amountType))
}

func (a *amounts) append(v proto.Nullable[proto.Decimal256]) { a.null.Append(v) }

// toAmount scales d to an integer of 10^-38 without rounding.
func toAmount(d decimal.NullDecimal) (proto.Nullable[proto.Decimal256], error) {
	none := proto.Null[proto.Decimal256]()
	if !d.Valid {
		return none, nil
	}
	exp := int64(d.Decimal.Exponent()) + amountScale
	v := d.Decimal.Coefficient()
	if v.Sign() == 0 {
		return proto.NewNullable(proto.Decimal256{}), nil
	}
	// Beyond these exponents the power does not fit, and is expensive to compute.
	if exp > 2*amountScale || exp < -4*amountScale {
		return none, errAmountRange
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(exp, -exp)), nil)
	if exp >= 0 {
		v.Mul(v, power)
	} else {
		var rest big.Int
		v.QuoRem(v, power, &rest)
		if rest.Sign() != 0 {
			return none, errAmountRange
		}
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(2*amountScale), nil)
	if v.CmpAbs(limit) >= 0 || v.BitLen() > amountBits {
		return none, errAmountRange
	}
	return proto.NewNullable(proto.Decimal256(toInt256(v))), nil
}

// toInt256 returns v in two's complement.
func toInt256(v *big.Int) proto.Int256 {
	if v.Sign() < 0 {
		v = new(big.Int).Add(v, new(big.Int).Lsh(big.NewInt(1), amountBits+1))
	}
	var word [4]uint64
	mask := new(big.Int).SetUint64(^uint64(0))
	for i := range word {
		shifted := new(big.Int).Rsh(v, uint(64*i))
		word[i] = shifted.And(shifted, mask).Uint64()
	}
	return proto.Int256{
		Low:  proto.UInt128{Low: word[0], High: word[1]},
		High: proto.UInt128{Low: word[2], High: word[3]},
	}
}
