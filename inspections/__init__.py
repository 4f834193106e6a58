"""Everything a photo of a panel shows: orange peel, gloss, marks, polishing progress."""
