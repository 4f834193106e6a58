"""Structure bands and what is published of them."""
