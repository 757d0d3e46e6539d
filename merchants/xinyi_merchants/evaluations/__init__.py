"""The honest-merchant evaluation (诚信商户评定): published criteria, inputs that can be recomputed, two persons."""
