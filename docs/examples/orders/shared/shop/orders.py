"""The shops' orders: what several DAGs share. Made up, and the same on every day."""

from __future__ import annotations

from typing import TypedDict


class ShopTotal(TypedDict):
    shop: str
    orders: int
    amount: float


class Report(TypedDict):
    shops: int
    amount: float


def fetch_orders(shop: str) -> list[float]:
    """Amounts of the shop's orders."""
    return [round(19.9 + 7.3 * index, 2) for index in range(len(shop) * 2)]


def total_of(shop: str, amounts: list[float]) -> ShopTotal:
    return {"shop": shop, "orders": len(amounts), "amount": round(sum(amounts), 2)}
