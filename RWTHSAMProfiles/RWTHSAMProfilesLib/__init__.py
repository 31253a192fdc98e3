"""The parts of the module RWTHSAMProfiles, one idea a file."""
