"""The features of a corpus: read, heard again, measured, and held against their records."""

from __future__ import annotations

import copy
import os
import sys
from collections import Counter
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, SupportsIndex

import numpy as np

from specdemo import _checks
from specdemo._types import Array, Floats, OnIteration, Seed
from specdemo.corpus import storage
from specdemo.corpus.codes import ByteCode
from specdemo.corpus.planning import planned_paths, printable
from specdemo.corpus.settings import read_settings
from specdemo.corpus.shards import damage, read_record
from specdemo.corpus.statistics import Statistics, layout_of_sums, statistics_of, total
from specdemo.formats import MelFormat

# Shards that are mapped into memory at a time: each is an open file, of which a process may have a few
# hundred on some systems.
MOST_OPEN = 64


class Features:
    """The features in a folder that `make_features` made.

    Parameters
    ----------
    out : str or path-like
        The folder.

    Attributes
    ----------
    settings : dict
        All that the bytes depend on, beside the recordings.
    fmt : MelFormat
        The format.

    Notes
    -----
    `len` is the number of recordings that have features, and `features[i]` is the array of one of
    them as the format has it, float32.

    The folder can be read without this package: `shards/NNNNNN.npy` has shape (n_frames, n_mels),
    `shards/NNNNNN.json` says which frames are which recording's, and, where the dtype is uint8,
    `settings["storage"]["values"]` has the number that each byte stands for.
    """

    def __init__(self, out: str | os.PathLike[str]) -> None:
        self.out = storage.place("out", out)
        settings, self.fmt, self._code = read_settings(self.out)
        self.settings = copy.deepcopy(settings)  # which the next reader is given, too
        self._open: dict[str, Array] = {}

    def __reduce__(self) -> Any:
        # The workers of a PyTorch DataLoader open the files themselves.
        return Features, (str(self.out),)

    def __repr__(self) -> str:
        return f"<Features of {len(self)} recordings in {self.fmt.name or 'a format'}, {self.out}>"

    @cached_property
    def _records(self) -> dict[str, dict[str, Any]]:
        """Records of the planned shards that are made, in the order of the plan."""
        found = ((name, read_record(self.out, name)) for name in storage.planned(self.out))
        return {name: record for name, record in found if record is not None}

    @cached_property
    def _all_rows(self) -> list[dict[str, Any]]:
        return [
            row | {"shard": name}
            for name, record in self._records.items()
            for row in record["rows"]
        ]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """What is known of each recording, in the order of the features.

        `path` in the folder of recordings, `size` in bytes, `mtime_ns`, when it was changed last, in
        ns since 1970, `sha256`, `sr` in Hz, `n_samples` at
        the rate of the format, `peak`, `rms`, `remarks` (a sentence for each), `shard`, and its
        frames in the shard: from `start` on, `n_frames` of them.
        """
        return [row for row in self._all_rows if "error" not in row]

    @cached_property
    def problems(self) -> list[dict[str, Any]]:
        """The recordings that have no features, each with `path`, and with `error`, which says why."""
        return [row for row in self._all_rows if "error" in row]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: SupportsIndex) -> Floats:
        A = self._code.decode(np.asarray(self.stored(i)))
        return A if self.fmt.frames_first else np.ascontiguousarray(A.T)

    def piece(self, i: SupportsIndex, start: int, n_frames: int) -> Floats:
        """Some frames of a recording, of which nothing else is read from the disk.

        Parameters
        ----------
        i : int
            Which recording.
        start, n_frames : int
            First frame, and how many.

        Returns
        -------
        ndarray, shape (n_mels, n_frames), or (n_frames, n_mels) if the format has frames first
            That part of `features[i]`, float32.

        Raises
        ------
        ValueError
            When the recording has no such frames.
        """
        whole = self.stored(i)
        start = _checks.integer("start", start, minimum=0)
        n_frames = _checks.integer("n_frames", n_frames)
        if start + n_frames > len(whole):
            raise ValueError(
                f"start + n_frames must be at most {len(whole)}, the frames of recording {i}; got "
                f"{start} + {n_frames}"
            )
        A = self._code.decode(np.asarray(whole[start : start + n_frames]))
        return A if self.fmt.frames_first else np.ascontiguousarray(A.T)

    def stored(self, i: SupportsIndex) -> Array:
        """The features of a recording as they are stored, on the disk: shape (n_frames, n_mels)."""
        row = self._row(i)
        return self._shard(row["shard"])[row["start"] : row["start"] + row["n_frames"]]

    def audio(
        self,
        i: SupportsIndex,
        *,
        n_iter: int = 100,
        rng: Seed = None,
        on_iteration: OnIteration = None,
    ) -> Floats:
        """A recording heard again from what is stored of it.

        Parameters
        ----------
        i : int
            Which one.
        n_iter, rng, on_iteration
            As for `invert_mel`.

        Returns
        -------
        ndarray, shape (n_samples,)
            Samples at `fmt.sr`, float32.
        """
        row = self._row(i)
        fmt = self.fmt
        if "mean" in row:
            fmt = fmt.with_statistics(row["mean"], row["std"])
        if "largest" in row:
            fmt = fmt.with_peak(row["largest"])
        return fmt.inverse(
            self[i], length=row["n_samples"], n_iter=n_iter, rng=rng, on_iteration=on_iteration
        )

    @cached_property
    def _sums(self) -> Array:
        n_mels = self.fmt.bank.n_mels
        shape, dtype = layout_of_sums(self._code.dtype, n_mels)
        parts = (
            _loaded(name, storage.sums_path(self.out, name), shape, dtype) for name in self._records
        )
        return total(parts, self._code, n_mels)

    def statistics(self) -> Statistics:
        """Mean and deviation of every band over all frames, in the numbers of the format.

        Returns
        -------
        Statistics
            A pair of `mean` and `std`, each of shape (n_mels,), float64. Of bytes they are
            the same to the bit, whatever the shards.

        Raises
        ------
        ValueError
            When there are no features.
        """
        if not len(self):
            raise ValueError(f"there are no features in {self.out}, of which there are statistics")
        return statistics_of(self._sums, self._code)

    def levels(self) -> tuple[Floats, Array]:
        """How often every band has every number, where bytes are stored.

        Returns
        -------
        values : ndarray, shape (256,) or (n_mels, 256)
            The number that each byte stands for.
        counts : ndarray, shape (n_mels, 256)

        Raises
        ------
        ValueError
            When half precision is stored.
        """
        if not isinstance(self._code, ByteCode):
            raise ValueError("levels are counted where the dtype is 'uint8'; it is 'float16'")
        return self._code.values.copy(), self._sums.copy()

    def verify(self) -> list[str]:
        """Hold data against records, and records against the plan.

        Nothing is lost, nothing is there twice, and every byte of the data is as it was written.
        `make_features` with the same arguments and `renew=True` mends what is found.

        Returns
        -------
        list of str
            A sentence for each fault. Empty when all is whole.
        """
        try:
            settings = read_settings(self.out)[0]
        except (OSError, ValueError) as error:
            return [f"The settings cannot be read: {error}."]
        found = [f"The plan of shard {name} is missing." for name in storage.unplanned(self.out)]
        plans: dict[str, list[str]] = {}
        for name in storage.planned(self.out):
            try:
                plans[name] = planned_paths(self.out, name)
            except storage.Damaged as error:
                found.append(
                    f"The plan of shard {name} cannot be read: {error}; the same call of "
                    "make_features writes it again."
                )
            except OSError as error:
                found.append(f"The plan of shard {name} cannot be read: {error}.")
        found += _doubled([path for paths in plans.values() for path in paths])
        return found + [s for plan in plans.items() for s in self._faults(*plan, settings)]

    def _faults(self, name: str, paths: list[str], settings: dict[str, Any]) -> list[str]:
        """A sentence for each fault of a shard."""
        try:
            return self._faults_of_readable(name, paths, settings)
        except (OSError, ValueError) as error:
            return [f"Shard {name} cannot be read: {error}."]

    def _faults_of_readable(
        self, name: str, paths: list[str], settings: dict[str, Any]
    ) -> list[str]:
        record = read_record(self.out, name)
        if record is None:
            there = storage.record_path(self.out, name).exists()
            why = "it is not made"
            if there:
                why = "its record cannot be read; the same call of make_features writes it again"
            return [f"Shard {name}, of {len(paths)} recordings, is missing: {why}."]
        found = []
        if record["settings"] != settings:
            found.append(f"Shard {name} was made in other settings.")
        if [row["path"] for row in record["rows"]] != paths:
            found.append(f"Shard {name} has other recordings than were planned.")
        return found + damage(self.out, name, record) + _wrong_frames(name, record, self.fmt)

    def _row(self, i: SupportsIndex) -> dict[str, Any]:
        n, i = len(self), _checks.integer("i", i, minimum=-sys.maxsize)
        if not -n <= i < n:
            limit = f"below {n}" if i >= 0 else f"at least -{n}"
            raise IndexError(f"i must be {limit}, the number of recordings; got {i}")
        return self.rows[i]

    def _shard(self, name: str) -> Array:
        A = self._open.pop(name, None)
        if A is None:
            n_frames, n_mels = self._records[name]["shape"]
            path = storage.data_path(self.out, name)
            A = _loaded(name, path, (n_frames, n_mels), self._code.dtype, "r")
            for oldest in list(self._open)[: 1 - MOST_OPEN]:  # a copy, since threads may read, too
                self._open.pop(oldest, None)
        self._open[name] = A
        return A


def _loaded(
    name: str, path: Path, shape: tuple[int, ...], dtype: Any, mmap_mode: Any = None
) -> Array:
    """An array of a shard, if it is as its record has it.

    Raises
    ------
    FileNotFoundError, ValueError
        When it is not.
    """
    why = "it is cut, or not what was written"
    with suppress(ValueError, EOFError):
        try:
            A: Array = np.load(path, mmap_mode=mmap_mode)
        except FileNotFoundError:
            raise FileNotFoundError(_unreadable(name, path, "it is missing")) from None
        if A.shape == shape and A.dtype == dtype:
            return A
    raise storage.Damaged(_unreadable(name, path, why))


def _unreadable(name: str, path: Path, why: str) -> str:
    return (
        f"shard {name} cannot be read from {path}: {why}. verify() tells all that is wrong, and "
        "make_features with the same arguments and renew=True mends it"
    )


def _doubled(paths: list[str]) -> list[str]:
    return [
        f"{printable(path)} is planned {count} times."
        for path, count in Counter(paths).items()
        if count > 1
    ]


def _wrong_frames(name: str, record: dict[str, Any], fmt: MelFormat) -> list[str]:
    """A sentence for each recording whose frames are not where they should be, or as many."""
    found, start = [], 0
    for row in record["rows"]:
        if "error" in row:
            continue
        if row["start"] != start or row["n_frames"] != fmt.n_frames(row["n_samples"]):
            found.append(f"The frames of {printable(row['path'])} do not add up.")
        start += row["n_frames"]
    if [start, fmt.bank.n_mels] != record["shape"]:
        found.append(f"The frames of shard {name} do not add up.")
    return found
