"""Damaged, foreign and missing files in a folder of features: sentences that say what to do."""

import json
import os
import shutil

import numpy as np
import pytest

import specdemo as sd
from corpora import contents
from specdemo.corpus import Features, make_features
from specdemo.corpus.settings import keep_settings

WITH_WEIGHTS = "speechbrain-fbank"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three recordings."""
    folder = tmp_path_factory.mktemp("recordings")
    x, sr = sd.load("speech", sr=16000, duration=3)
    for i in range(3):
        sd.save(folder / f"{i}.wav", x[i * sr :][: sr // 2], sr)
    return folder


@pytest.fixture(scope="module")
def made(folder):
    """Their features, a recording in each shard."""
    out = folder.parent / "made"
    make(folder, out)
    return out


@pytest.fixture
def out(made, tmp_path):
    """A copy to be damaged."""
    return shutil.copytree(made, tmp_path / "out")


def make(folder, out, fmt=WITH_WEIGHTS, **settings):
    return make_features(folder, out, fmt, shard_mb=1e-6, **settings)


def delete(path):
    path.unlink()


def cut(path):
    path.write_bytes(path.read_bytes()[:-50])


def empty(path):
    path.write_bytes(b"")


def say_nothing(path):
    path.write_text("{}")


def be_a_list(path):
    path.write_text("[]")


def be_nested(path):
    path.write_text('{"rows": [3], "paths": [3], "format": {}, "storage": {}, "layout": 1}')


def be_a_link(path):
    path.unlink()
    path.symlink_to("nowhere")


DAMAGES = [delete, cut, empty, say_nothing, be_a_list, be_nested]
FILES = [
    "plan/000001.json", "shards/000001.json", "shards/000001.npy", "shards/000001.sums.npy",
    "weights.npy",
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_is_damaged_is_said_and_made_again(damage, folder, made, out):
    for name in FILES:
        features = Features(out)
        assert len(features) == 3
        damage(out / name)
        said = features.verify() if name != "weights.npy" else [refusal_of(Features, out)]
        assert said, name
        assert all(sentence.endswith((".", "again")) for sentence in said), (name, said)
        assert make(folder, out).verify() == [], name
        assert contents(out) == contents(made), name


def refusal_of(call, *arguments):
    """What is said of something that is refused in a sentence."""
    with pytest.raises((ValueError, FileNotFoundError)) as raised:
        call(*arguments)
    return str(raised.value)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_settings_are_named_with_the_way_out(damage, folder, made, out):
    features = Features(out)
    damage(out / "settings.json")
    assert "settings.json" in refusal_of(Features, out)
    assert "settings" in features.verify()[0]
    if damage is not delete:
        with pytest.raises(ValueError, match=r"settings\.json|same settings"):
            make(folder, out)
        (out / "settings.json").unlink()
    assert make(folder, out).verify() == []
    assert contents(out) == contents(made)


def test_a_plan_that_is_a_link_to_nowhere_is_made_again(folder, made, out):
    be_a_link(out / "plan/000001.json")
    assert "cannot be read" in Features(out).verify()[0]
    assert make(folder, out).verify() == []
    assert contents(out) == contents(made)


@pytest.mark.parametrize("damage", [delete, cut, empty])
def test_features_of_damaged_data_are_refused_with_what_to_do(damage, out):
    damage(out / "shards/000001.npy")
    damage(out / "shards/000002.sums.npy")
    features = Features(out)
    for name, said in (
        ("000001", refusal_of(features.stored, 1)),
        ("000002", refusal_of(features.statistics)),
    ):
        assert f"shard {name} cannot be read from" in said
        assert "verify()" in said
    assert features[0].size > 0


def test_weights_of_something_else_are_not_taken(folder, made, out):
    """They make features that no sum of bytes finds wrong."""
    weights = np.load(out / "weights.npy")
    weights[3] = 0
    np.save(out / "weights.npy", weights)
    assert "its numbers are not those of settings.json" in refusal_of(Features, out)
    make(folder, out)
    np.testing.assert_array_equal(np.load(out / "weights.npy"), np.load(made / "weights.npy"))


def test_numbers_that_bytes_stand_for_must_be_those_of_the_format(folder, made, out):
    path = out / "settings.json"
    settings = json.loads(path.read_text())
    settings["storage"]["values"][200] += 1e-12  # as another processor may have it
    path.write_text(json.dumps(settings))
    keep_settings(out, sd.mel_format(WITH_WEIGHTS), "uint8")
    settings["storage"]["values"][200] = -77.0
    path.write_text(json.dumps(settings))
    with pytest.raises(ValueError, match=r"number 200 of storage\.values is -77\.0 there, and"):
        make(folder, out)


def test_files_of_somebody_else_stay_and_nothing_is_put_beside_them(folder, tmp_path):
    (tmp_path / "settings.json").write_text('{"editor.tabSize": 4}')
    with pytest.raises(ValueError, match=r"out must have the layout 1.* another folder"):
        make(folder, tmp_path)
    assert os.listdir(tmp_path) == ["settings.json"]


def test_a_dtype_that_is_refused_leaves_nothing_behind(folder, tmp_path):
    with pytest.raises(ValueError, match="dtype must be 'float16' for nemo-asr"):
        make(folder, tmp_path / "out", "nemo-asr")
    assert not (tmp_path / "out").exists()


def test_names_that_are_no_shards_are_passed_over(folder, made, out):
    """Such as those that systems put beside others, and copies that people make."""
    shutil.copy(out / "shards/000000.json", out / "shards/000000 (copy).json")
    (out / "plan/._000000.json").write_bytes(b"\0\5\x16\7")
    (out / "plan/notes.json").write_text("{}")
    features = make(folder, out)
    assert (len(features), features.verify()) == (3, [])


def test_a_race_for_the_settings_is_lost_by_the_slower(tmp_path, monkeypatch):
    """Both have seen none; then one writes them."""
    faster = sd.mel_format("hifigan-v1")

    def late(path):
        monkeypatch.undo()
        keep_settings(tmp_path, faster, "uint8")
        return False

    monkeypatch.setattr(type(tmp_path), "exists", late)
    with pytest.raises(ValueError, match=r"format\.name is 'hifigan-v1' there"):
        keep_settings(tmp_path, sd.mel_format("whisper-80"), "uint8")


def test_settings_that_a_reader_changes_are_its_own(out):
    Features(out).settings["format"]["name"] = "mine"
    features = Features(out)
    assert features.settings["format"]["name"] == WITH_WEIGHTS
    features.settings["layout"] = 7
    assert features.verify() == []


def test_indices_beyond_the_ends_are_index_errors(out):
    features = Features(out)
    for i, words in ((3, "below 3"), (-4, "at least -3"), (10**12, "below 3")):
        with pytest.raises(IndexError, match=f"i must be {words}"):
            features[i]
    np.testing.assert_array_equal(features[-3], features[0])
