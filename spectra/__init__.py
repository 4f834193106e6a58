"""Everything that is a function of wavelength: what was measured, what paint is made of, how light
passes through it."""
