package cur

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"github.com/zeebo/xxh3"

	"polo/envelope"
)

// identity makes the event ids of a delivery's lines.
//
// A line of a CUR has an id, which AWS documents as unique within a part of a report
// only, and the time interval that it is of. Both are the identity, together with the
// bill and with what the line is of (account, kind, product, usage type, operation,
// resource, times): so two lines that share an id without being one stay two, and a line
// that comes twice, as in two copies of a file, stays one. No amount, rate, description,
// invoice or tag is part of it: these are restated.
//
// A line without an id, as FOCUS has none, is known by all that it says of what was
// charged, tags among it, and its number among the lines that say the same. What is
// restated is left out: amounts, quantities, prices, rates and the invoice. That rests on
// three things. Lines that agree in all of it differ only in amounts, so that their sum
// is right whichever is which. The number is given in the order of the delivery's files
// and rows, so that the same delivery gives the same ids. Where a later delivery has
// another order, or a tag was added, lines change places or ids, and its completed scan
// makes zero of the ids that are no more.
type identity struct {
	key  []byte
	seen ordinals
}

// named are the fields of a line's identity beside its id and interval.
func namedFields() []field {
	return []field{fAccount, fLineType, fProductCode, fUsageType, fOperation, fZone, fResourceID, fStart, fEnd, fPlanARN, fReservationARN, fSplitParent}
}

// contentFields are the identity of a line without an id.
func contentFields() []field {
	return []field{
		fAccount, fLineType, fStart, fEnd, fTimeInterval, fProductCode, fProductName, fUsageType, fOperation, fZone, fResourceID, fResourceName, fResourceType,
		fCurrency, fDescription, fTaxType, fLegalEntity, fBillType, fBillingEntity, fInvoicingEntity, fPricingTerm, fPurchaseOption, fRegion, fRegionCode,
		fProductFamily, fInstanceType, fSKU, fSKUPrice, fQuantityUnit, fPricingUnit, fPlanARN, fReservationARN, fSplitParent, fChargeCategory, fChargeClass,
		fChargeFrequency, fCommitmentID, fCommitmentCategory, fCommitmentType, fCommitmentStatus, fPricingCategory, fProvider, fPublisher, fServiceCategory,
	}
}

// of is the id of the line that begins at ts.
func (id *identity) of(l *layout, r *row, ts time.Time, bill billKey, tags envelope.Pairs) uuid.UUID {
	id.key = id.key[:0]
	id.part(bill.payer)
	id.part(bill.start.Format(time.DateOnly))
	if line := l.value(r, fLineItemID); line != "" {
		id.fields(l, r, namedFields())
		return envelope.NewEventID(bill.source, ts, line, l.value(r, fTimeInterval), string(id.key))
	}
	// A field that is missing takes no room, so that a column that a later month adds
	// changes no id until it has a value.
	id.fields(l, r, contentFields())
	for _, t := range tags {
		id.part(t.Key)
		id.part(t.Value)
	}
	n := id.seen.next(xxh3.Hash(id.key))
	return envelope.NewEventID(bill.source, ts, "content", string(id.key), string(binary.AppendUvarint(nil, uint64(n))))
}

func (id *identity) fields(l *layout, r *row, fields []field) {
	for _, f := range fields {
		if v := l.value(r, f); v != "" {
			id.key = append(id.key, byte(f))
			id.part(v)
		}
	}
}

func (id *identity) part(s string) {
	id.key = binary.AppendUvarint(id.key, uint64(len(s)))
	id.key = append(id.key, s...)
}
