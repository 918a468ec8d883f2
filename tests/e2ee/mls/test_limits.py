"""Our bounds fit together."""

from __future__ import annotations

from e2ee.mls import limits


def test_a_key_package_of_ours_is_within_what_we_take() -> None:
    lifetime = limits.KEY_PACKAGE_LIFETIME + limits.CLOCK_SKEW
    assert lifetime <= limits.MAX_KEY_PACKAGE_LIFETIME


def test_a_leaf_fits_an_sframe_key_id_and_padding_steps_rise() -> None:
    assert limits.MAX_LEAVES <= 1 << 12
    assert list(limits.PADDED_SIZES) == sorted(limits.PADDED_SIZES)
    assert limits.SKIPPED_KEYS <= limits.FORWARD_WINDOW
