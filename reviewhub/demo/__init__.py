"""Demo content: a hub with a year behind it, made by replaying what people would have done."""

from reviewhub.demo.building import build

__all__ = ["build"]
