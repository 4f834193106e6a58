"""A sample brought to the instrument its standard was measured with, by a profile of their agreement, or a refusal."""

from __future__ import annotations

from colorlab.control.instruments import InstrumentProfile
from colorlab.difference.disparity import scale_of
from spectra.errors import NotComparableError
from spectra.measurement import Measurement


def bring_to_reference(
    standard: Measurement, sample: Measurement, profile: InstrumentProfile
) -> tuple[Measurement, str]:
    """The sample as the standard's instrument would have read it, and what that is worth, in words.

    A sample that stands in the scale of the profile's reference already is left as it is, and so is every sample where
    the profile says that no correction helps. An instrument that a file does not declare is taken as the profile's,
    since whoever gives the profile says so.

    Parameters
    ----------
    standard, sample : Measurement
    profile : InstrumentProfile
        Of the sample's instrument to the standard's.

    Returns
    -------
    tuple of Measurement and str
        The sample, and a remark for the verdict.

    Raises
    ------
    NotComparableError
        If the standard is of another instrument than the profile's reference, the sample of another than its
        instrument, or wavelengths or angles are not the profile's.
    MeasurementError
        If the sample was corrected to something else already.
    """
    target, own = scale_of(standard), scale_of(sample)
    if target is not None and target != profile.reference:
        turned = target == profile.instrument
        raise NotComparableError(
            "instrument of the profile",
            target,
            f"to be brought to {profile.reference}",
            "This profile goes the other way round: fit one whose reference is the standard's instrument"
            if turned
            else "Give a profile whose reference is the standard's instrument",
        )
    if own == profile.reference:
        return sample, f"{profile.reference} measured the sample too: the instrument profile was not needed"
    if sample.instrument is not None and sample.instrument != profile.instrument:
        raise NotComparableError(
            "instrument of the profile",
            f"to be brought from {profile.instrument}",
            sample.instrument,
            "Give a profile of the sample's instrument",
        )
    if not profile.helps:
        return sample, (
            f"the instrument profile of {profile.instrument} to {profile.reference} corrects nothing: no correction "
            "helped on samples it had not seen"
        )
    corrected = profile.apply(sample)
    rows = [profile.angles.index(token) for token in sample.geometry.tokens]
    worst = max(rows, key=lambda row: profile.after[row].mean)
    taken = [
        f"the {role}'s instrument, which is undeclared, taken as {name}"
        for role, declared, name in (
            ("standard", target, profile.reference),
            ("sample", sample.instrument, profile.instrument),
        )
        if declared is None
    ]
    return corrected, "; ".join(
        [
            f"sample brought from {profile.instrument} to {profile.reference} by a profile of {len(profile.samples)} "
            f"samples: on samples it had not seen {profile.formula} ΔE {profile.before[worst].mean:.2f} on average "
            f"became {profile.after[worst].mean:.2f} at {profile.angles[worst]}, the worst angle, under "
            f"{profile.viewing}; that remainder is not in the covariance of the reading",
            *taken,
        ]
    )
