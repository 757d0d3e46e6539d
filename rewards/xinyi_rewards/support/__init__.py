"""Support for honest merchants (信用商户支持政策): 1 to 3 months of it with an award, as policy in data."""
