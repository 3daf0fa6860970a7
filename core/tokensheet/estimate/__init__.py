"""What engines reach of the bound: constants fitted to published measurements, and the measurements."""
