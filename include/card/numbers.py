"""Numbers as a card shows them: as many digits as are worth reading, and words where there is no number."""

import math

DIGITS = ((1000, 0), (100, 1), (10, 2), (1, 3), (0, 4))  # after the point, from this size on


def shown(value: float | None) -> str:
    """A number; a dash where there is none.

    Example: 0.71234 -> 0.7123; 12.3456 -> 12.35; 12345.6 -> 12,346; nan -> not defined
    """
    if value is None:
        return "-"
    if math.isnan(value):
        return "not defined"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    digits = next(digits for size, digits in DIGITS if abs(value) >= size)
    text = f"{value:,.{digits}f}"
    return text if float(text.replace(",", "")) else text.lstrip("-")


def signed(value: float) -> str:
    """A difference with its sign.

    Example: 0.0042 -> +0.0042; -0.01 -> -0.0100
    """
    text = shown(value)
    return f"+{text}" if value > 0 and not math.isinf(value) else text


def between(lower: float | None, upper: float | None) -> str:
    """An interval; empty where neither end is known.

    Example: 0.69, 0.72 -> 0.6900 to 0.7200
    """
    ends = [end for end in (lower, upper) if end is not None and not math.isnan(end)]
    return f"{shown(lower)} to {shown(upper)}" if ends else ""


def share(part: float, whole: float) -> str:
    """A part of a whole in per cent.

    Example: 1, 8 -> 12.5 %
    """
    return f"{part / whole:.1%}".replace("%", " %") if whole else "-"
