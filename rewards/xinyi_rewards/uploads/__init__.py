"""Uploads: a sheet of a list, checked and kept in the background, with its progress and every row's verdict."""
