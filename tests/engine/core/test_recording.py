"""`recording`: the collector pauses and comes back."""

import gc

import pytest

from engine import recording


@pytest.mark.parametrize("enabled", [True, False])
def test_recording_restores_the_collector(enabled):
    """Nested, after an error, and if it was off already."""
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with recording():
            assert not gc.isenabled()
            with recording():
                pass
            assert not gc.isenabled()
        assert gc.isenabled() == enabled
        with pytest.raises(ZeroDivisionError), recording():
            raise ZeroDivisionError
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()
