"""The flow `fast_track`: numbered passes for a counter and a day, checked in there, paid at once or later."""
