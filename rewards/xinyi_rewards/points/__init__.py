"""Points of honour (荣誉积分): earned, shown to their holder alone, never traded and worth no money."""
