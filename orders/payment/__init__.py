"""What is owed and what was settled: attempts, entries, invoices and credit notes."""
