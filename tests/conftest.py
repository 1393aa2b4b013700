"""Settings for all tests: the same examples in every run, unless others are asked for.

``HYPOTHESIS_PROFILE=explore`` draws new ones.
"""

from __future__ import annotations

import os

from hypothesis import settings

from tests.browsing import address, browser, open_page

__all__ = ["address", "browser", "open_page"]

settings.register_profile("same", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
