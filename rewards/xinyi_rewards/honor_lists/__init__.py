"""Honor lists (红名单/黑名单): made, reviewed by another person, noticed, published masked, contested and ended."""
