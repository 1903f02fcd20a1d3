"""The pure heart: what things are and what the rules are. No I/O, no clock of its own, no Discord, no Replicate."""
