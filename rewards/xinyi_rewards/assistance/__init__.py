"""Help with credit repair as services one can book: training (修复培训) and agency (修复代办), free of charge.

Staff prepare, the subject decides: nothing is filed before she has confirmed the very words and signed the commitment.
"""
