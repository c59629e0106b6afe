"""Result paths: positions of values, computed on demand."""

import pytest

from engine.runtime.result_paths import FieldPaths, ItemPaths, PathStep, RootPath, SelectedPaths, keys_of, path_of

FIELD, BELOW = PathStep(0, "tweets", "Query"), PathStep(2, "text", "Tweet")


def test_the_paths_of_items_know_their_list_and_their_number_in_it() -> None:
    lists = SelectedPaths(FieldPaths(RootPath(), FIELD), [0, 0, 0])
    items = ItemPaths(lists, ends=[2, 2, 5])
    assert [keys_of(items.at(index)) for index in range(5)] == [["tweets", number] for number in (0, 1, 0, 1, 2)]


def test_selected_paths_are_those_of_the_chosen_values() -> None:
    items = ItemPaths(FieldPaths(RootPath(), FIELD), ends=[9])
    texts = FieldPaths(SelectedPaths(items, [3, 7]), BELOW)
    assert [keys_of(texts.at(index)) for index in range(2)] == [["tweets", 3, "text"], ["tweets", 7, "text"]]


def test_a_path_names_the_types_of_its_steps() -> None:
    steps = FieldPaths(ItemPaths(FieldPaths(RootPath(), FIELD), ends=[1]), BELOW).at(0)
    path = path_of(steps)
    assert path.as_list() == ["tweets", 0, "text"]
    assert (path.typename, path.prev and path.prev.typename) == ("Tweet", None)


def test_the_root_has_no_path() -> None:
    with pytest.raises(ValueError, match="The root has no path"):
        path_of(RootPath().at(0))
