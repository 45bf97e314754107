"""Where a headless Chromium of the system lies, for all that opens pages by itself."""

import shutil

# Debian's headless one is the same engine without a window, which takes half as long for a page.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")


def installed():
    """Return the path of the system's Chromium; None leaves the choice to Playwright."""
    return next(filter(None, map(shutil.which, NAMES)), None)
