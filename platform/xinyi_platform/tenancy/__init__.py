"""Tenancy: a member of staff sees and does what lies in her area, and no query can forget it.

`area_of(staff)` is her area, `bind` what a query is narrowed to. Beneath it, a model with a division has `Bound` (or
`BoundBy` its parent) as its manager: while a member of staff's request is served, each of its queries is narrowed by
itself, so that what forgets to ask finds too little and never too much. `everywhere(Model)` is the one way past it, and
a test lists who takes it and why.
"""

from xinyi_platform.tenancy.areas import Area, area_of, whole_city
from xinyi_platform.tenancy.binding import Bound, BoundBy, everywhere, serving

__all__ = ["Area", "Bound", "BoundBy", "area_of", "everywhere", "serving", "whole_city"]
