"""Self-checks of the exercises: one function for each, named after it.

A check takes what the reader has written and prints one sentence: that it is right; or that it is
not yet, and what to look at; or that there is nothing to check yet. It holds an answer against
what the exercise asks for, mostly a law or a measurement, and never prints the answer. A wrong
answer, of whatever kind, raises nothing, so that a notebook with gaps still runs to its end.
"""

from specdemo.exercises.a_thousand_hours import (
    check_10_1,
    check_10_2,
    check_10_3,
    check_10_4,
    check_10_5,
)
from specdemo.exercises.autoencoder import (
    check_8_1,
    check_8_2,
    check_8_3,
    check_8_4,
    check_8_5,
)
from specdemo.exercises.from_pytorch import check_8_6
from specdemo.exercises.inventing_sound import (
    check_9_1,
    check_9_2,
    check_9_3,
    check_9_4,
    check_9_5,
    check_9_6,
)
from specdemo.exercises.inversion import (
    check_2_1,
    check_2_2,
    check_2_3,
    check_2_4,
    check_2_5,
    check_2_6,
)
from specdemo.exercises.mel_compression import (
    check_3_1,
    check_3_2,
    check_3_3,
    check_3_4,
    check_3_5,
)
from specdemo.exercises.mel_inversion import (
    check_4_1,
    check_4_2,
    check_4_3,
    check_4_4,
    check_4_5,
)
from specdemo.exercises.mfcc import (
    check_5_1,
    check_5_2,
    check_5_3,
    check_5_4,
    check_5_5,
    check_5_6,
)
from specdemo.exercises.spectrogram import (
    check_1_1,
    check_1_2,
    check_1_3,
    check_1_4,
    check_1_5,
    check_1_6,
)
from specdemo.exercises.staircase import (
    check_6_1,
    check_6_2,
    check_6_3,
    check_6_4,
    check_6_5,
    check_6_6,
)
from specdemo.exercises.your_models_mel import (
    check_7_1,
    check_7_2,
    check_7_3,
    check_7_4,
    check_7_5,
)

__all__ = [
    "check_1_1",
    "check_1_2",
    "check_1_3",
    "check_1_4",
    "check_1_5",
    "check_1_6",
    "check_2_1",
    "check_2_2",
    "check_2_3",
    "check_2_4",
    "check_2_5",
    "check_2_6",
    "check_3_1",
    "check_3_2",
    "check_3_3",
    "check_3_4",
    "check_3_5",
    "check_4_1",
    "check_4_2",
    "check_4_3",
    "check_4_4",
    "check_4_5",
    "check_5_1",
    "check_5_2",
    "check_5_3",
    "check_5_4",
    "check_5_5",
    "check_5_6",
    "check_6_1",
    "check_6_2",
    "check_6_3",
    "check_6_4",
    "check_6_5",
    "check_6_6",
    "check_7_1",
    "check_7_2",
    "check_7_3",
    "check_7_4",
    "check_7_5",
    "check_8_1",
    "check_8_2",
    "check_8_3",
    "check_8_4",
    "check_8_5",
    "check_8_6",
    "check_9_1",
    "check_9_2",
    "check_9_3",
    "check_9_4",
    "check_9_5",
    "check_9_6",
    "check_10_1",
    "check_10_2",
    "check_10_3",
    "check_10_4",
    "check_10_5",
]
