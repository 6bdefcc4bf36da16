"""Writing the document: what routes take and answer, as schemas, parameters and operations.

``routes`` reads routes, ``schemas`` turns the types found there into JSON schemas, ``operation``
puts the rest around them. A document is written from one pass over the routes to the next, in
this order, since the name of a schema depends on all the others.
"""
