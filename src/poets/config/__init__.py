"""What a user can set: every flag once, in the module of its stage."""
