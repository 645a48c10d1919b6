"""Labels are kept and held out the same way every time."""

from collections import Counter

import numpy as np
import pytest

from ganclf.data import folds, hold_out, keep_labels
from ganclf.errors import DataError

LABELS = [*"abcabcabcabcaaaa", None, None, "b", None]  # 8 a, 5 b, 4 c


def test_kept_labels_are_those_of_the_documented_generator():
    generator = np.random.default_rng(7)
    expected = [None] * len(LABELS)
    for name in "abc":
        idx = [index for index, label in enumerate(LABELS) if label == name]
        for index in generator.choice(idx, 2, replace=False):
            expected[index] = name
    assert keep_labels(LABELS, 2, seed=7) == expected


def test_kept_labels_are_so_many_a_class():
    kept = keep_labels(LABELS, 3, seed=0)
    assert Counter(label for label in kept if label) == {"a": 3, "b": 3, "c": 3}
    assert all(new in (None, old) for new, old in zip(kept, LABELS, strict=True))


def test_another_seed_keeps_other_labels():
    assert keep_labels(LABELS, 2, seed=0) == keep_labels(LABELS, 2, seed=0)
    assert keep_labels(LABELS, 2, seed=0) != keep_labels(LABELS, 2, seed=1)


def test_too_few_labels_name_class_count_and_remedy():
    with pytest.raises(DataError, match=r"class 'c' has 4 labels, fewer than 5 per class\. .* --labels-per-class 4\."):
        keep_labels(LABELS, 5, seed=0)


def test_nothing_is_kept_of_nothing():
    assert keep_labels([None, None], 1, seed=0) == [None, None]


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5])
def test_the_held_out_part_has_its_share_of_every_class(share):
    labels = ["a"] * 40 + [None] * 10 + ["b"] * 20
    held = hold_out(labels, share, seed=0)
    counts = Counter(labels[index] for index in held)
    assert held.tolist() == sorted(set(held.tolist()))
    assert counts.total() == max(2, round(share * 60))
    assert share < 0.1 or counts == {"a": share * 40, "b": share * 20}


def test_the_held_out_part_is_that_of_scikit_learn():
    from sklearn.model_selection import train_test_split

    labels = ["a", "b"] * 10
    expected = train_test_split(range(20), test_size=0.3, stratify=labels, random_state=3)[1]
    assert hold_out(labels, 0.3, seed=3).tolist() == sorted(expected)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.5])
@pytest.mark.parametrize("seed", range(5))
def test_every_class_keeps_a_row_for_training(seed, share):
    labels = [*"aabbccdd", *["e"] * 50, "f"]
    held = set(hold_out(labels, share, seed).tolist())
    assert {label for index, label in enumerate(labels) if index not in held} == set("abcdef")


def test_single_labels_are_never_held_out():
    labels = ["single", *"aabb", None]
    assert 0 not in hold_out(labels, 0.5, seed=0)
    for train, held in folds(labels, 2, seed=0):
        assert 0 in train
        assert 0 not in held


def test_every_class_may_keep_a_number_of_labels_of_its_own():
    kept = keep_labels([*"aaaabbbb"], {"a": 3, "b": 1}, seed=0)
    assert (kept.count("a"), kept.count("b")) == (3, 1)
    with pytest.raises(DataError, match="class 'b' has 4 labels, fewer than 5 per class"):
        keep_labels([*"aaaaaaaabbbb"], {"a": 3, "b": 5}, seed=0)


@pytest.mark.parametrize("labels", [[], [None], ["a", "b", None]])
def test_single_labels_alone_can_not_be_divided(labels):
    held = hold_out(labels, 0.2, seed=0)
    assert (held.tolist(), held.dtype) == ([], np.int64)
    with pytest.raises(DataError, match="no class has two labels"):
        folds(labels, 5, seed=0)


def test_folds_hold_every_labeled_row_out_once():
    divided = folds(LABELS, 4, seed=0)
    labeled = [index for index, label in enumerate(LABELS) if label]
    assert len(divided) == 4
    assert sorted(np.concatenate([held for _, held in divided]).tolist()) == labeled
    for train, held in divided:
        assert sorted([*train.tolist(), *held.tolist()]) == labeled


def test_folds_are_no_more_than_the_smallest_class_allows():
    assert len(folds(LABELS, 10, seed=0)) == 4
    assert len(folds([*"aaaaaabb", "single"], 5, seed=0)) == 2


def test_folds_repeat_with_their_seed():
    first, second, other = (folds(LABELS, 3, seed=seed)[0][1].tolist() for seed in (1, 1, 2))
    assert first == second != other


def several_labels(rows: int = 120) -> list[tuple[str, ...] | None]:
    """Label sets over four classes, of which one is rare; every sixth row is unlabeled."""
    generator = np.random.default_rng(1)
    shares = {"a": 0.6, "b": 0.4, "c": 0.3, "rare": 0.1}
    sets = [tuple(name for name, share in shares.items() if generator.random() < share) for _ in range(rows)]
    return [None if index % 6 == 0 or not names else names for index, names in enumerate(sets)]


def counts_of(labels, idx):
    return Counter(name for index in idx for name in labels[index] or ())


def test_rows_of_several_labels_keep_all_of_them_and_every_class_gets_enough():
    labels = several_labels()
    kept = keep_labels(labels, 5, seed=3)
    assert all(after in (None, before) for before, after in zip(labels, kept, strict=True))
    counts = counts_of(kept, range(len(kept)))
    assert set(counts) == {"a", "b", "c", "rare"}
    assert min(counts.values()) == 5
    assert kept == keep_labels(labels, 5, seed=3) != keep_labels(labels, 5, seed=4)


def test_rows_of_several_labels_are_held_out_in_proportion():
    labels = several_labels(600)
    held = hold_out(labels, 0.25, seed=0)
    everywhere, here = counts_of(labels, range(len(labels))), counts_of(labels, held)
    for name, count in everywhere.items():
        assert abs(here[name] - 0.25 * count) <= 3
    assert all(labels[index] is not None for index in held)


def test_folds_of_rows_with_several_labels_share_out_every_class():
    labels = several_labels(300)
    parts = folds(labels, 5, seed=0)
    everywhere = counts_of(labels, range(len(labels)))
    assert sorted(index for _, held in parts for index in held) == [i for i, label in enumerate(labels) if label]
    for train, held in parts:
        assert not set(train) & set(held)
        for name, count in everywhere.items():
            assert abs(counts_of(labels, held)[name] - count / 5) <= 2


def test_a_row_with_a_class_of_its_own_stays_in_training():
    labels = [("a",), ("a", "only"), ("b",), ("a", "b"), ("b",), ("a",)]
    parts = folds(labels, 3, seed=0)
    assert all(1 in train for train, _ in parts)
    with pytest.raises(DataError, match="no class has two labels"):
        folds([("a",), ("b",)], 2, seed=0)
