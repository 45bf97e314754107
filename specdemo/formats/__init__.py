"""What other systems call a mel spectrogram: their arrays from sound, and sound from their arrays.

The formats are data, `registry.json`: rate, grid, bands, scale and source of each system, in the
words of `STFT`, `MelBank`, `LogScale` and `MelFormat`.
"""

from specdemo.formats.melformat import MelFormat
from specdemo.formats.registry import mel_format, mel_formats
from specdemo.formats.scale import LogScale

__all__ = ["LogScale", "MelFormat", "mel_format", "mel_formats"]
