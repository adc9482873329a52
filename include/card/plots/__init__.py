"""The pictures of a card, as SVG: both sides on the same rows, in fixed colours, at a cost that rows hardly raise."""
