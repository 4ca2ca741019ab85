package cur

import (
	"slices"
	"strings"
)

// field is a known column, whatever its name in a file.
type field uint8

// Fields of CUR and FOCUS. Columns with the same meaning in both are one field.
const (
	fLineItemID field = iota
	fTimeInterval
	fBillType
	fBillingEntity
	fPeriodStart
	fPeriodEnd
	fInvoiceID
	fInvoicingEntity
	fPayer
	fPayerName
	fAccount
	fAccountName
	fLineType
	fStart
	fEnd
	fProductCode
	fUsageType
	fOperation
	fZone
	fResourceID
	fQuantity
	fQuantityUnit
	fNormalizedQuantity
	fCurrency
	fRate
	fCost
	fBlendedCost
	fNetCost
	fDescription
	fTaxType
	fLegalEntity
	fListCost
	fListRate
	fPricingTerm
	fPurchaseOption
	fPricingUnit
	fRegion
	fRegionCode
	fLocation
	fProductName
	fProductFamily
	fInstanceType
	fSKU
	fReservationARN
	fReservationCost
	fReservationNetCost
	fReservationUnusedUpfront
	fReservationUnusedRecurring
	fReservationNetUnusedUpfront
	fReservationNetUnusedRecurring
	fPlanARN
	fPlanCost
	fPlanNetCost
	fPlanCommitted
	fPlanUsed
	fPlanNetCommitted
	fPlanNetUsed
	fSplitCost
	fSplitUnusedCost
	fSplitParent
	fEffectiveCost
	fContractedCost
	fChargeCategory
	fChargeClass
	fChargeFrequency
	fCommitmentID
	fCommitmentCategory
	fCommitmentName
	fCommitmentType
	fCommitmentStatus
	fCommitmentQuantity
	fCommitmentUnit
	fPricingCategory
	fPricingQuantity
	fProvider
	fPublisher
	fResourceName
	fResourceType
	fServiceCategory
	fSKUPrice
	fTags           // a map, as JSON
	fProduct        // a map, as JSON
	fDiscount       // a map, as JSON
	fCostCategories // a map, as JSON
	fResourceTags   // a map, as JSON
	fServiceProvider
	fHostProvider
	fBillingAccountType
	fSubAccountType
	fServiceSubcategory
	fSKUDetails
	fCapacityID
	fCapacityStatus
	fCapacityType
	fPricingCurrency
	fPricingCurrencyRate
	fPricingCurrencyCost
	fPricingCurrencyListRate
	fAllocatedMethod
	fAllocatedDetails
	fAllocatedID
	fAllocatedName
	fAllocatedTags
	fContractApplied
	fPrincipal
	numFields
)

// form is the expected content of a column.
type form uint8

const (
	formText form = iota
	formAmount
	formAccount
)

// column describes a known column.
type column struct {
	field field
	// property is the name of the property for its value, "" if an event field holds it.
	property string
	form     form
	// names are its names in files, as plainName returns them.
	names []string
}

// columns returns all known columns, in order of field. The names come from AWS's data
// dictionaries of CUR and CUR 2.0 and from the FOCUS specification, 0.5 to 1.3.
func columns() []column {
	return []column{
		{fLineItemID, "line_item_id", formText, []string{"identitylineitemid"}},
		{fTimeInterval, "", formText, []string{"identitytimeinterval"}},
		{fBillType, "bill_type", formText, []string{"billbilltype"}},
		{fBillingEntity, "billing_entity", formText, []string{"billbillingentity"}},
		{fPeriodStart, "", formText, []string{"billbillingperiodstartdate", "billingperiodstart"}},
		{fPeriodEnd, "", formText, []string{"billbillingperiodenddate", "billingperiodend"}},
		{fInvoiceID, "invoice_id", formText, []string{"billinvoiceid", "invoiceid"}},
		{fInvoicingEntity, "invoicing_entity", formText, []string{"billinvoicingentity", "invoiceissuername", "invoiceissuer"}},
		{fPayer, "", formAccount, []string{"billpayeraccountid", "billingaccountid"}},
		{fPayerName, "payer_account_name", formText, []string{"billpayeraccountname", "billingaccountname"}},
		{fAccount, "", formAccount, []string{"lineitemusageaccountid", "subaccountid"}},
		{fAccountName, "account_name", formText, []string{"lineitemusageaccountname", "subaccountname"}},
		{fLineType, "line_item_type", formText, []string{"lineitemlineitemtype"}},
		{fStart, "", formText, []string{"lineitemusagestartdate", "chargeperiodstart"}},
		{fEnd, "", formText, []string{"lineitemusageenddate", "chargeperiodend"}},
		{fProductCode, "product_code", formText, []string{"lineitemproductcode", "xservicecode"}},
		{fUsageType, "usage_type", formText, []string{"lineitemusagetype", "xusagetype", "skumeter"}},
		{fOperation, "operation", formText, []string{"lineitemoperation", "xoperation"}},
		{fZone, "availability_zone", formText, []string{"lineitemavailabilityzone", "availabilityzone"}},
		{fResourceID, "", formText, []string{"lineitemresourceid", "resourceid"}},
		{fQuantity, "", formAmount, []string{"lineitemusageamount", "consumedquantity", "usagequantity"}},
		{fQuantityUnit, "", formText, []string{"consumedunit", "usageunit"}},
		{fNormalizedQuantity, "normalized_usage_amount", formAmount, []string{"lineitemnormalizedusageamount"}},
		{fCurrency, "", formText, []string{"lineitemcurrencycode", "billingcurrency", "currency"}},
		{fRate, "rate", formAmount, []string{"lineitemunblendedrate", "contractedunitprice"}},
		{fCost, "", formAmount, []string{"lineitemunblendedcost", "billedcost"}},
		{fBlendedCost, "blended_cost", formAmount, []string{"lineitemblendedcost"}},
		{fNetCost, "net_unblended_cost", formAmount, []string{"lineitemnetunblendedcost"}},
		{fDescription, "description", formText, []string{"lineitemlineitemdescription", "chargedescription"}},
		{fTaxType, "tax_type", formText, []string{"lineitemtaxtype"}},
		{fLegalEntity, "legal_entity", formText, []string{"lineitemlegalentity"}},
		{fListCost, "list_cost", formAmount, []string{"pricingpublicondemandcost", "listcost"}},
		{fListRate, "list_rate", formAmount, []string{"pricingpublicondemandrate", "listunitprice"}},
		{fPricingTerm, "pricing_term", formText, []string{"pricingterm"}},
		{fPurchaseOption, "purchase_option", formText, []string{"pricingpurchaseoption"}},
		{fPricingUnit, "", formText, []string{"pricingunit"}},
		{fRegion, "", formText, []string{"productregion", "regionid", "region"}},
		{fRegionCode, "", formText, []string{"productregioncode"}},
		{fLocation, "location", formText, []string{"productlocation", "regionname"}},
		{fProductName, "product_name", formText, []string{"productproductname", "servicename"}},
		{fProductFamily, "product_family", formText, []string{"productproductfamily"}},
		{fInstanceType, "instance_type", formText, []string{"productinstancetype"}},
		{fSKU, "sku", formText, []string{"productsku", "skuid"}},
		{fReservationARN, "reservation_arn", formText, []string{"reservationreservationarn"}},
		{fReservationCost, "", formAmount, []string{"reservationeffectivecost"}},
		{fReservationNetCost, "", formAmount, []string{"reservationneteffectivecost"}},
		{fReservationUnusedUpfront, "", formAmount, []string{"reservationunusedamortizedupfrontfeeforbillingperiod"}},
		{fReservationUnusedRecurring, "", formAmount, []string{"reservationunusedrecurringfee"}},
		{fReservationNetUnusedUpfront, "", formAmount, []string{"reservationnetunusedamortizedupfrontfeeforbillingperiod"}},
		{fReservationNetUnusedRecurring, "", formAmount, []string{"reservationnetunusedrecurringfee"}},
		{fPlanARN, "savings_plan_arn", formText, []string{"savingsplansavingsplanarn"}},
		{fPlanCost, "", formAmount, []string{"savingsplansavingsplaneffectivecost"}},
		{fPlanNetCost, "", formAmount, []string{"savingsplannetsavingsplaneffectivecost"}},
		{fPlanCommitted, "", formAmount, []string{"savingsplantotalcommitmenttodate"}},
		{fPlanUsed, "", formAmount, []string{"savingsplanusedcommitment"}},
		{fPlanNetCommitted, "", formAmount, []string{"savingsplannettotalcommitmenttodate"}},
		{fPlanNetUsed, "", formAmount, []string{"savingsplannetusedcommitment"}},
		{fSplitCost, "split_cost", formAmount, []string{"splitlineitemsplitcost"}},
		{fSplitUnusedCost, "split_unused_cost", formAmount, []string{"splitlineitemunusedcost"}},
		{fSplitParent, "split_parent_resource_id", formText, []string{"splitlineitemparentresourceid"}},
		{fEffectiveCost, "effective_cost", formAmount, []string{"effectivecost", "amortizedcost"}},
		{fContractedCost, "contracted_cost", formAmount, []string{"contractedcost"}},
		{fChargeCategory, "charge_category", formText, []string{"chargecategory", "chargetype"}},
		{fChargeClass, "charge_class", formText, []string{"chargeclass"}},
		{fChargeFrequency, "charge_frequency", formText, []string{"chargefrequency"}},
		{fCommitmentID, "commitment_discount_id", formText, []string{"commitmentdiscountid"}},
		{fCommitmentCategory, "commitment_discount_category", formText, []string{"commitmentdiscountcategory"}},
		{fCommitmentName, "commitment_discount_name", formText, []string{"commitmentdiscountname"}},
		{fCommitmentType, "commitment_discount_type", formText, []string{"commitmentdiscounttype"}},
		{fCommitmentStatus, "commitment_discount_status", formText, []string{"commitmentdiscountstatus"}},
		{fCommitmentQuantity, "commitment_discount_quantity", formAmount, []string{"commitmentdiscountquantity"}},
		{fCommitmentUnit, "commitment_discount_unit", formText, []string{"commitmentdiscountunit"}},
		{fPricingCategory, "pricing_category", formText, []string{"pricingcategory"}},
		{fPricingQuantity, "pricing_quantity", formAmount, []string{"pricingquantity"}},
		{fProvider, "provider", formText, []string{"providername", "provider"}},
		{fPublisher, "publisher", formText, []string{"publishername", "publisher"}},
		{fResourceName, "", formText, []string{"resourcename"}},
		{fResourceType, "resource_type_name", formText, []string{"resourcetype"}},
		{fServiceCategory, "service_category", formText, []string{"servicecategory"}},
		{fSKUPrice, "sku_price_id", formText, []string{"skupriceid"}},
		{fTags, "", formText, []string{"tags"}},
		{fProduct, "", formText, []string{"product"}},
		{fDiscount, "discounts", formText, []string{"discount", "xdiscounts"}},
		{fCostCategories, "", formText, []string{"costcategory", "xcostcategories"}},
		{fResourceTags, "", formText, []string{"resourcetags"}},
		{fServiceProvider, "service_provider", formText, []string{"serviceprovidername"}},
		{fHostProvider, "host_provider", formText, []string{"hostprovidername"}},
		{fBillingAccountType, "billing_account_type", formText, []string{"billingaccounttype"}},
		{fSubAccountType, "sub_account_type", formText, []string{"subaccounttype"}},
		{fServiceSubcategory, "service_subcategory", formText, []string{"servicesubcategory"}},
		{fSKUDetails, "sku_price_details", formText, []string{"skupricedetails"}},
		{fCapacityID, "capacity_reservation_id", formText, []string{"capacityreservationid", "capacityreservationcapacityreservationarn"}},
		{fCapacityStatus, "capacity_reservation_status", formText, []string{"capacityreservationstatus", "capacityreservationcapacityreservationstatus"}},
		{fCapacityType, "capacity_reservation_type", formText, []string{"capacityreservationcapacityreservationtype"}},
		{fPricingCurrency, "pricing_currency", formText, []string{"pricingcurrency"}},
		{fPricingCurrencyRate, "pricing_currency_rate", formAmount, []string{"pricingcurrencycontractedunitprice"}},
		{fPricingCurrencyCost, "pricing_currency_effective_cost", formAmount, []string{"pricingcurrencyeffectivecost"}},
		{fPricingCurrencyListRate, "pricing_currency_list_rate", formAmount, []string{"pricingcurrencylistunitprice"}},
		{fAllocatedMethod, "allocated_method_id", formText, []string{"allocatedmethodid"}},
		{fAllocatedDetails, "allocated_method_details", formText, []string{"allocatedmethoddetails"}},
		{fAllocatedID, "allocated_resource_id", formText, []string{"allocatedresourceid"}},
		{fAllocatedName, "allocated_resource_name", formText, []string{"allocatedresourcename"}},
		{fAllocatedTags, "allocated_tags", formText, []string{"allocatedtags"}},
		{fContractApplied, "contract_applied", formText, []string{"contractapplied"}},
		{fPrincipal, "iam_principal", formText, []string{"lineitemiamprincipal"}},
	}
}

// isKnown reports whether name is a known column's.
func isKnown(name string) bool {
	plain := plainName(name)
	return slices.ContainsFunc(columns(), func(c column) bool { return slices.Contains(c.names, plain) })
}

// plainName returns the same text for every spelling of a column's name: lineItem/UsageAmount,
// line_item_usage_amount and LineItemUsageAmount.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
}
