"""The commands of ``tiaoli``: one module each, and what they share."""
