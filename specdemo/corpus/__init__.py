"""From one clip to a thousand hours: a folder of recordings as features in the format of a model.

A corpus is cut into shards, each of which is made whole or not at all, by whatever engine, and as
often as it takes. Any recording can be heard again from its bytes.
"""

from specdemo.corpus.description import Description, describe
from specdemo.corpus.engines import local_cluster
from specdemo.corpus.features import Features
from specdemo.corpus.make import make_features
from specdemo.corpus.processes import Processes
from specdemo.corpus.statistics import Statistics

__all__ = [
    "Description",
    "Features",
    "Processes",
    "Statistics",
    "describe",
    "local_cluster",
    "make_features",
]
