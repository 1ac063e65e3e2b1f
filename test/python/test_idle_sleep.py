import time

from airflow_devenv.lines.idle_sleep import LONG_REST, WAKEFUL_SECONDS, IdleSleep, SchedulerTime


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_rests_as_configured_while_there_is_work_and_longer_afterwards() -> None:
    clock = Clock()
    sleep = IdleSleep(clock)
    sleep.configure(0.25)
    assert sleep.seconds() == 0.25
    clock.now += WAKEFUL_SECONDS
    assert sleep.seconds() == LONG_REST
    sleep.worked(0)
    assert sleep.seconds() == LONG_REST
    sleep.worked(2)
    assert sleep.seconds() == 0.25


def test_a_longer_rest_that_was_configured_stays() -> None:
    clock = Clock()
    sleep = IdleSleep(clock)
    sleep.configure(5)
    clock.now += 2 * WAKEFUL_SECONDS
    assert sleep.seconds() == 5


def test_the_scheduler_rests_in_another_way_and_has_all_else_of_the_module() -> None:
    rests: list[float] = []
    seen = SchedulerTime(rests.append)
    seen.sleep(0.5)
    assert rests == [0.5]
    assert seen.monotonic is time.monotonic
