"""Durable work: what happens between a member's wish and the pictures, safe to be killed at any point."""
