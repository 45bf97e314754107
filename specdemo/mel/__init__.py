"""Mel scales, the mel filter bank, and the ways back from bands to bins.

Chapter 3 goes down this step, chapter 4 comes back up.
"""

from specdemo.mel.bank import MelBank
from specdemo.mel.inverse import METHODS
from specdemo.mel.scale import SCALES, hz_to_mel, mel_to_hz

__all__ = ["METHODS", "SCALES", "MelBank", "hz_to_mel", "mel_to_hz"]
