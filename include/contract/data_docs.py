"""Great Expectations' Data Docs of one validation, as a page of its own."""

from copy import copy
from html import escape
from typing import Any

from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView


def page(result: Any) -> str:
    """The page Great Expectations makes of a validation result (HTML). Its style comes from the web.

    What was seen in the data is escaped here: the templates write it out as it is, markup and scripts included.
    """
    shown = copy(result)
    shown.results = [_shown(one) for one in result.results]
    return str(DefaultJinjaPageView().render(ValidationResultsPageRenderer(run_info_at_end=True).render(shown)))


def _shown(outcome: Any) -> Any:
    shown = copy(outcome)
    shown.result = _escaped(outcome.result)
    return shown


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, list):
        return [_escaped(one) for one in value]
    return {name: _escaped(one) for name, one in value.items()} if isinstance(value, dict) else value
