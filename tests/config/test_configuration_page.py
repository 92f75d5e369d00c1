"""docs/configuration.md says what the models say."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    page = runpy.run_path(str(DOCS / "make_configuration.py"))["page"]
    assert (DOCS / "configuration.md").read_text(encoding="utf-8") == page(), "python docs/make_configuration.py"
