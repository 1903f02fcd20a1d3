"""Figures of Atelier in the sandbox, each module one table; nothing here is a test."""
