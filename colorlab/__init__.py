"""What it all means: colour, difference, tolerance, verdict, recipe search, the roadmap; and the shell around it."""
