-- param: property String | max 300 | Only what has this property: encrypted, ip_permissions
-- param: property_value String | max 300 | Only what has this text in it; empty is any
-- param: first_from Date32 | default 2000-01-01 | min 2000-01-01 | max today+1d | Only what was first seen on this day or later, UTC
-- param: first_until Date32 | default today+1d | min 2000-01-02 | max today+1d | Only what was first seen before this day

(
    first_ts >= {first_from:Date32} AND first_ts < {first_until:Date32}
    [[AND mapContains(properties, {property:String})]]
    [[AND position(properties[{property:String}], {property_value:String}) > 0]]
)
