-- param: top UInt16 | default 20 | min 1 | max 1000 | How many values have rows of their own in each currency; the others are one row, (other)

{top:UInt16}
