"""Where goods stand and people work: warehouses and stores."""
