"""Who reviews what, and why: pure values in, pure values out; knows no database and no HTTP.

    proposal = panel.propose(item, candidates, rule, today=today)

Read it in this order: people and rules (what is asked), conflicts (who may not), affinity (who
fits how well), selection (the best panel), reasons (what is answered), panel (all of it at once).

    outcome = batch.assign(problem)     # hundreds of items at once: begin with batch
    asked = desk.arrive(opening, …)     # one after the other, as they come: stream
    index.scores(text)                  # what people have written: likeness, then text

Whatever imports numpy (batch and its parts, text, vectors) is loaded by those who ask for it.
"""
