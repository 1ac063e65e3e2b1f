"""Yesterday's orders of every shop: wait for the export, fetch each shop, report.

Works on Airflow 2.11 and 3.x and needs no network.
"""

from __future__ import annotations

from datetime import datetime, timezone

from shop.orders import Report, ShopTotal, fetch_orders, total_of
from shop.sensors import ExportSensor

try:
    from airflow.sdk import BaseHook, Variable, dag, task
except ModuleNotFoundError:  # Airflow 2
    from airflow.decorators import dag, task
    from airflow.hooks.base import BaseHook
    from airflow.models import Variable


@dag(schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc), tags=["example"])
def orders():
    export_ready = ExportSensor(task_id="export_ready")

    @task
    def list_shops() -> list[str]:
        return Variable.get("orders_shops", deserialize_json=True)

    @task
    def fetch(shop: str) -> ShopTotal:
        api = BaseHook.get_connection("orders_api")
        found = fetch_orders(shop)
        print(f"{len(found)} orders of {shop} from {api.host}")
        return total_of(shop, found)

    @task
    def add_up(totals: list[ShopTotal]) -> Report:
        totals = list(totals)
        return {"shops": len(totals), "amount": round(sum(each["amount"] for each in totals), 2)}

    @task.branch
    def is_busy_day(report: Report) -> str:
        return "alert_warehouse" if report["amount"] > 1000 else "quiet_day"

    @task
    def alert_warehouse() -> None:
        print("The warehouse should expect many parcels.")

    @task
    def quiet_day() -> None:
        print("There is nothing to prepare for.")

    @task(trigger_rule="none_failed_min_one_success")
    def publish(report: Report) -> Report:
        print(f"{report['shops']} shops sold for {report['amount']}")
        return report

    shops = list_shops()
    export_ready >> shops
    report = add_up(fetch.expand(shop=shops))
    busy_day = is_busy_day(report)
    busy_day >> [alert_warehouse(), quiet_day()] >> publish(report)


orders()
