"""Accept, reject or undecided, with the risk and the reasons."""
