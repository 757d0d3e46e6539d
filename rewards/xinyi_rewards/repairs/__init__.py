"""Credit repair: when a listing can end early, what its subject hands in, where it is filed, and what was decided.

The platform is not the repair authority: 信用中国 is the window, and the unit that determined a listing decides.
Here one checks oneself, commits oneself, hands documents in once, sees the dates, and is gone from everywhere with
the decision.
"""
