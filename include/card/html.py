"""The card as one page that needs nothing else: styles and pictures are in it, so that it can be kept and sent."""

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include.card import facts
from include.card.card import Card
from include.card.numbers import between, shown
from include.card.plots.plot import Plot

FOLDER = Path(__file__).parent
TEMPLATES = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def picture(plot: Plot) -> str:
    """The picture as an address that holds it whole."""
    return f"data:image/svg+xml;base64,{b64encode(plot.svg).decode()}"


TEMPLATES.filters |= {"shown": shown, "picture": picture}
TEMPLATES.globals |= {"between": between, "promotion_facts": facts.promotion}


def page(card: Card, plots: Sequence[Plot]) -> str:
    """The whole card as HTML. Whatever people or data wrote is shown as text."""
    return TEMPLATES.get_template("card.html").render(card=card, plots=plots)
