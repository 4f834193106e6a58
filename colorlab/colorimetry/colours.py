"""Colours of a batch of spectra under a set of viewings, with what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from colorlab.colorimetry.spaces import lab_to_lch, xyz_to_lab, xyz_to_luv, xyz_to_xyy
from colorlab.colorimetry.tables import light_remark
from colorlab.colorimetry.tristimulus import blockwise_product
from colorlab.colorimetry.viewing import Viewing
from colorlab.colorimetry.weights import Bandpass, integration, measured_share, stacked_weights, white_point
from spectra.arrays import FloatArray, frozen
from spectra.errors import MeasurementError, UnknownConditionError
from spectra.measurement import Measurement
from spectra.wavelengths import WavelengthGrid


@dataclass(frozen=True, slots=True, eq=False)
class Colours:
    """Colours of spectra (..., n_angles, n_wavelengths) under n_viewings viewings.

    Attributes
    ----------
    viewings : tuple of Viewing
    XYZ : ndarray, shape (..., n_angles, n_viewings, 3)
        Y = 100 for the perfect reflecting diffuser.
    white : ndarray, shape (n_viewings, 3)
        XYZ of the diffuser.
    measured_share : ndarray, shape (n_viewings,)
        Least share of X, Y and Z whose wavelengths were measured; the rest counts with the first and last value.
    integration : str
        How, in words: weights of which table, or by which interpolation.
    bandpass : {"as given", "Stearns 1988"}
        What was done about the instrument's bandpass.
    """

    viewings: tuple[Viewing, ...]
    XYZ: FloatArray
    white: FloatArray
    measured_share: FloatArray
    integration: str
    bandpass: Bandpass

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader must know of the viewings: how much of a measured light nobody measured."""
        return tuple(remark for remark in map(light_remark, self.viewings) if remark is not None)

    @property
    def Lab(self) -> FloatArray:
        """CIELAB, shape (..., n_angles, n_viewings, 3)."""
        return xyz_to_lab(self.XYZ, self.white)

    @property
    def LCh(self) -> FloatArray:
        """L*, C*ab and hab [°], shape (..., n_angles, n_viewings, 3)."""
        return lab_to_lch(self.Lab)

    @property
    def hue(self) -> FloatArray:
        """Hue angle hab, shape (..., n_angles, n_viewings). [°]"""
        hue: FloatArray = self.LCh[..., 2]
        return hue

    @property
    def xyY(self) -> FloatArray:
        """Chromaticity and Y, shape (..., n_angles, n_viewings, 3)."""
        return xyz_to_xyy(self.XYZ, self.white)

    @property
    def Luv(self) -> FloatArray:
        """CIELUV, shape (..., n_angles, n_viewings, 3)."""
        return xyz_to_luv(self.XYZ, self.white)

    def under(self, viewing: Viewing) -> Colours:
        """The same colours under one viewing; the axis of viewings stays, with length 1.

        Raises
        ------
        UnknownConditionError
            If they were not computed under it.
        """
        if viewing not in self.viewings:
            raise UnknownConditionError("viewing condition", str(viewing), tuple(map(str, self.viewings)))
        at = self.viewings.index(viewing)
        return Colours(
            (viewing,),
            frozen(self.XYZ[..., at : at + 1, :]),
            frozen(self.white[at : at + 1]),
            frozen(self.measured_share[at : at + 1]),
            self.integration,
            self.bandpass,
        )


def colours(
    reflectance_factor: ArrayLike,
    grid: WavelengthGrid,
    viewings: Viewing | Sequence[Viewing],
    bandpass: Bandpass = "as given",
) -> Colours:
    """Colours of spectra under one viewing or several: one matrix product for all of them.

    Parameters
    ----------
    reflectance_factor : array_like, shape (..., n_wavelengths)
        [1.0 = perfect reflecting diffuser]
    grid : WavelengthGrid
    viewings : Viewing or sequence of Viewing
    bandpass : {"as given", "Stearns 1988"}
        See `colorlab.colorimetry.weights.weights`.

    Raises
    ------
    WavelengthRangeError
        See `weights`.
    """
    chosen = (viewings,) if isinstance(viewings, Viewing) else tuple(viewings)
    if not chosen:
        raise UnknownConditionError("viewing condition", "", ("at least one illuminant and observer",))
    product = blockwise_product(reflectance_factor, grid, stacked_weights(grid, chosen, bandpass))
    return Colours(
        viewings=chosen,
        XYZ=product.reshape(*product.shape[:-1], len(chosen), 3),
        white=frozen([white_point(viewing, grid) for viewing in chosen]),
        measured_share=frozen([measured_share(grid, viewing) for viewing in chosen]),
        integration=integration(grid),
        bandpass=bandpass,
    )


def colours_of(
    measurement: Measurement, viewings: Viewing | Sequence[Viewing], bandpass: Bandpass = "as given"
) -> Colours:
    """Colours of a measurement at each of its angles.

    Raises
    ------
    MeasurementError
        If its bandpass should be corrected although the file says that it is already, or that it is not the step.
    WavelengthRangeError
        See `weights`.
    """
    declared, step = measurement.declared, measurement.grid.step
    if bandpass != "as given" and declared.bandpass_corrected:
        raise MeasurementError(f"{measurement.sample}: its bandpass is declared as corrected already")
    if bandpass != "as given" and declared.bandpass_nm is not None and not np.isclose(declared.bandpass_nm, step or 0):
        raise MeasurementError(
            f"{measurement.sample}: a bandpass of {declared.bandpass_nm:g} nm on {measurement.grid}; "
            "the correction is for a bandpass as wide as the step"
        )
    return colours(measurement.reflectance_factor, measurement.grid, viewings, bandpass)
