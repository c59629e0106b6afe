"""Names of operations that have a series of their own in the metrics."""

from transport.execution.operation_names import OTHER, UNNAMED, OperationNames


def test_a_name_has_its_own_series_after_100_answers_without_errors() -> None:
    names = OperationNames()
    names.count("Home", 99)
    assert [names.label(name) for name in ("Home", None)] == [OTHER, UNNAMED]
    names.count("Home", 0)
    assert names.label("Home") == OTHER
    names.count("Home", 1)
    assert names.label("Home") == "Home"


def test_50_names_have_a_series_and_a_thousand_wait() -> None:
    names = OperationNames()
    for number in range(49):
        names.count(f"Name{number}", 100)
    names.count("Waits", 99)
    for number in range(999):
        names.count(f"Once{number}", 1)
    names.count("Waits", 1)
    names.count("Late", 1_000)
    assert [names.label(name) for name in ("Name0", "Name48", "Waits", "Late")] == ["Name0", "Name48", "Waits", OTHER]
