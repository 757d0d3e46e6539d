"""Merchants of the city: who they are, their stickers, what the public sees of them, and complaints."""
