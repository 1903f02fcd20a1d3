"""What people see: pure functions from the house's things to Components V2, one module a subject."""
