"""What people see: pure functions from entities to Components V2, one module a subject."""
