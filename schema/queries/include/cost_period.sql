-- param: from Date32 | default today-30d | min 2000-01-01 | max today+400d | The first day, UTC
-- param: until Date32 | default today+1d | min 2000-01-02 | max today+400d | The day after the last, UTC
-- period: from until 1200

(day >= {from:Date32} AND day < {until:Date32})
