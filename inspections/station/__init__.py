"""The station: where camera and light stand and what they are, made from photos of known things."""
