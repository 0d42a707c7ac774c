"""Training the network itself: its last blocks, or a small one from scratch."""
