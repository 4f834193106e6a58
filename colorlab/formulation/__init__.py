"""Recipes: predicting their colour and searching for them."""
