"""The mailbox keeps sealed batches until their addressee collects them.

It can read who, when and how big; it cannot read what.
"""
