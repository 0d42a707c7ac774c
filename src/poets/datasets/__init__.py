"""Pictures to try things out with."""
