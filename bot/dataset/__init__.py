"""An untrusted upload becomes a clean training set; import single parts, for the child process must start light."""
