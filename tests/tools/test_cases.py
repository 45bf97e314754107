"""`for_every`: a test of many cases is one test, and its failure names the case."""

import pytest

from cases import for_every

TRIED = []


@for_every(a=[1, 2], b="xy")
def test_every_combination_is_tried(a, b):
    TRIED.append((a, b))


@pytest.mark.parametrize("c", [3])
@for_every(a=[1, 2])
def test_it_mixes_with_fixtures_and_parameters(tmp_path, c, a):
    assert tmp_path.is_dir() and (c, a) in ((3, 1), (3, 2))


def test_all_were_tried():
    test_every_combination_is_tried()
    assert TRIED[-4:] == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]


def test_a_failure_names_its_case_and_ends_the_test():
    tried = []

    @for_every(outer=["a"])
    @for_every(inner=[1, 2, 3])
    def fails(outer, inner):
        tried.append(inner)
        assert inner < 2, "too large"

    with pytest.raises(AssertionError, match="too large") as caught:
        fails()
    assert caught.value.__notes__ == ["with inner = 2", "with outer = 'a'"]
    assert tried == [1, 2]
