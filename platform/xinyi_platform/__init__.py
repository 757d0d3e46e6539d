"""The host of Xinyi+ (信易+): everything a feature leans on, and no feature."""
