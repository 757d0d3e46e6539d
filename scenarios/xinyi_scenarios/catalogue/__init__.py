"""The built-in scenes, one manifest a file."""
