"""The networks that make features, and how each is made."""
