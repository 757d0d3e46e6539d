"""Scenes as residents meet them: the list with a verdict on each, and one scene with its reasons."""
