"""Proof that no combination of colorants gives a better recipe: branch and bound over all of them."""
