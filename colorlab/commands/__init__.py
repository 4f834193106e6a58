"""The commands, one module a family: each parses, calls one workflow and prints."""
