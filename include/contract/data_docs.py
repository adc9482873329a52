"""Great Expectations' Data Docs of one validation, as a page of its own."""

from typing import Any

from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView


def page(result: Any) -> str:
    """The page Great Expectations makes of a validation result (HTML). Its style comes from the web."""
    return str(DefaultJinjaPageView().render(ValidationResultsPageRenderer(run_info_at_end=True).render(result)))
