"""Service orders: deposit-free use, from creation to payment."""
