"""The parts of the sandbox's Replicate, one subject a file."""
