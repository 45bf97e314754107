"""The command `specdemo`: a model's mel spectrogram to sound, and sound to a model's."""

from specdemo._command.parser import main

__all__ = ["main"]
