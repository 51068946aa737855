"""Proofs about the shape of the product."""
