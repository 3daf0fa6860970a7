"""The one table of errors; each host's own tests say that it shows them."""

from tokensheet_udfs.errors import ERRORS


def test_no_two_errors_are_one_to_a_host() -> None:
    for column in zip(*ERRORS.values(), strict=True):
        names = [name for name in column if name is not None and not isinstance(name, bool)]
        assert len(set(names)) == len(names)
