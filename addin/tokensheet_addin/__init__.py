"""The hosts, where the functions can be called, and the command line."""
