"""How far a measurement, its colour and a colour difference may be off."""
