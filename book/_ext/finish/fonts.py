"""Fonts cut down to the characters that the site uses."""

import io
import logging

from fontTools import subset
from fontTools.ttLib import TTFont

# It reports every step, and another package may have asked to see such reports.
logging.getLogger("fontTools").setLevel(logging.WARNING)


def subset_font(path, characters):
    """Return a font as WOFF that has only these characters and what they are built from.

    Parameters
    ----------
    path : Path
        A TrueType or OpenType font.
    characters : iterable of str

    Returns
    -------
    bytes
    """
    options = subset.Options(
        flavor="woff",
        hinting=False,
        desubroutinize=True,
        layout_features=[],
        drop_tables=["DSIG", "FFTM", "GDEF", "GPOS"],
        name_IDs=[0, 1, 2, 13, 14],
        notdef_outline=True,
    )
    # The font's date stays as it is, so that the same pages give the same bytes.
    with TTFont(path, recalcTimestamp=False) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[ord(character) for character in characters])
        subsetter.subset(font)
        font.flavor = "woff"
        buffer = io.BytesIO()
        font.save(buffer)
    return buffer.getvalue()
