"""The steps of the second release."""
