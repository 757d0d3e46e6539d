"""Referrals: one signed yes or no to one receiver of the resident's choice, recalled when its ground falls away."""
