"""The people who act for a shop: roles and their duties, invitations, and who leaves."""
