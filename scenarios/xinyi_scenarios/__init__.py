"""The 信易+ framework: manifests, requirements, decisions, quotas, claims and what follows from them."""
