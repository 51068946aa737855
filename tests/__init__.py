"""The proofs, ordered as the product is."""
