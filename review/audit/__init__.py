"""The ledger: canonical bytes, events in salted parts, the Merkle tree, checkpoints, receipts, verification.

This room trusts nothing above it. It keeps events as data (record kind, id, values) and knows no record by
name, so that a check of the ledger shares only the canonical encoding with the code that wrote it.
"""
