"""A small internet on this machine: a Discord with people in it and a Replicate that paints."""
