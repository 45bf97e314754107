"""How the audio clips of the book are made: a module for each kind of sound, and what they share."""
