"""What nobody does: time, lost and doubled tasks, processes that end, refused mails."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.process.world import World


class Circumstances:
    """Rules of the machine."""

    world: World

    @rule(hours=st.integers(1, 48))
    def hours(self, hours: int) -> None:
        """Hours in which the worker runs."""
        self.world.pass_time(hours=hours)
        self.world.say(f"{hours} hours have passed")
        self.world.run_worker()

    @rule(days=st.integers(1, 6))
    def days(self, days: int) -> None:
        """Days in which the worker runs."""
        self.world.in_days(days)
        self.world.say(f"{days} days have passed")

    @rule(weeks=st.integers(1, 5))
    def weeks_without_worker(self, weeks: int) -> None:
        """Weeks in which nothing runs."""
        self.world.pass_time(weeks=weeks)
        self.world.say(f"{weeks} weeks have passed, and no worker ran")

    @rule()
    def worker(self) -> None:
        """The worker runs."""
        self.world.run_worker()
        self.world.say("the worker runs")

    @rule(order=st.permutations(range(7)))
    def everything_twice(self, order: list[int]) -> None:
        """Every task comes twice and in any order; once all is done, more changes nothing."""
        tasks = [self.world.tasks[number] for number in order]
        self.world.run_worker(tasks, times=2)
        self.world.run_worker()
        self.world.say(f"every task is delivered again and again, in the order {order}")
        before = self.world.digest()
        self.world.run_worker(tasks, times=2)
        changed = self.world.changed_since(before)
        assert not changed, f"a task that comes again finds something to do: {changed}"

    @rule(after=st.integers(0, 3))
    def worker_dies_while_sending(self, after: int) -> None:
        """A worker is killed after the mail server took a mail, and another one comes."""
        self.world.send_and_be_killed(after)
        self.world.say("a worker is killed while it sends")
        self.world.pass_time(minutes=1)
        self.world.run_worker()

    @rule()
    def mail_server_refuses(self) -> None:
        """The mail server takes nothing for a while."""
        self.world.deliver(refuse=True)
        self.world.say("the mail server refuses everything")

    @rule(after=st.integers(1, 40))
    def break_off(self, after: int) -> None:
        """The next change ends in its middle, and is then made again."""
        self.world.fuse = after
