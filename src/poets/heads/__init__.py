"""What is trained on top of a backbone."""
