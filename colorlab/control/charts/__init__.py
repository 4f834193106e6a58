"""Control charts whose limits come from the submissions before, with stated run lengths between false alarms."""
