"""Half a year of an office that there is not: people with working hours, absences, returns, and bottlenecks planted.

Everything is done by the use cases that the pages call, and time passes only by their `now`; so the history is as true
as that of an office that there is. The same seed makes the same half year.

    simulated = simulate(database, until=now, password="demo", seed=1)
    simulated.planted     {run id: causes that the board has to name}, of every run that is live at the end
"""

from engine.simulation.world import Simulated, simulate

__all__ = ["Simulated", "simulate"]
