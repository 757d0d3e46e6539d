"""What a manifest, or a changed one, would mean for the city's own residents: numbers, never who."""
