"""The buyer's statement that she withdraws from the contract: drafted, confirmed, receipted, carried out."""
