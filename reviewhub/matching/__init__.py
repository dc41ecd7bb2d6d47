"""Who reviews what, and why: pure values in, pure values out; knows no database and no HTTP.

    proposal = panel.propose(item, candidates, rule, today=today)

Read it in this order: people and rules (what is asked), conflicts (who may not), affinity (who
fits how well), selection (the best panel), reasons (what is answered), panel (all of it at once).
"""
