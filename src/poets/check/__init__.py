"""The doctor: what is wrong with a folder of pictures. It reads and never writes there."""
